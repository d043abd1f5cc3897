import { expect, it } from "vitest";
import { attribute, escapeXml } from "../../../src/oracle/formats/xml.ts";

it("escapes what means something, and replaces what XML cannot hold", () => {
  expect(escapeXml(`<a b="c" d='e'>&`)).toBe("&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
  expect(escapeXml("a\u0000\ufffe\ud800\tb")).toBe("a\ufffd\ufffd\ufffd\tb");
  expect(escapeXml("😀")).toBe("😀");
  expect(attribute("a\nb\t")).toBe("a&#10;b&#9;");
});
