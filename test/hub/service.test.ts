import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { serviceOf } from "../../src/hub/service.ts";
import { failure, temporaryFolder } from "../support/folder.ts";

const NOWHERE = { HF_HOME: "/nowhere" };

describe("serviceOf", () => {
  it("is Hugging Face, HF_ENDPOINT or what is told; ModelScope by its host or by word", () => {
    expect(serviceOf({}, NOWHERE)).toMatchObject({ endpoint: "https://huggingface.co", protocol: "huggingface" });
    expect(serviceOf({}, { ...NOWHERE, HF_ENDPOINT: "https://mirror/hf/" }).endpoint).toBe("https://mirror/hf");
    const told = serviceOf({ endpoint: "https://www.modelscope.cn" }, { ...NOWHERE, HF_ENDPOINT: "https://mirror" });
    expect(told).toMatchObject({ endpoint: "https://www.modelscope.cn", protocol: "modelscope" });
    expect(serviceOf({ endpoint: "http://a", protocol: "modelscope" }, NOWHERE).protocol).toBe("modelscope");
    expect(serviceOf({ endpoint: "https://notmodelscope.cn" }, NOWHERE).protocol).toBe("huggingface");
  });

  it("each has its own token: HF_TOKEN, or the saved one; MODELSCOPE_API_TOKEN", () => {
    const home = temporaryFolder();
    writeFileSync(join(home, "token"), "hf_saved\n");
    expect(serviceOf({}, { HF_HOME: home }).credential).toEqual(["authorization", "Bearer hf_saved"]);
    expect(serviceOf({}, { HF_HOME: home, HF_TOKEN: "hf_env" }).credential).toEqual(["authorization", "Bearer hf_env"]);
    const modelscope = { endpoint: "https://modelscope.cn" };
    expect(serviceOf(modelscope, { HF_HOME: home, HF_TOKEN: "hf_env" }).credential).toBeUndefined();
    expect(serviceOf(modelscope, { MODELSCOPE_API_TOKEN: "ms" }).credential).toEqual(["cookie", "m_session_id=ms"]);
  });

  it.each<[string, object, string]>([
    ["no address", { endpoint: "huggingface.co" }, "E_ARG_ENDPOINT"],
    ["another scheme", { endpoint: "ftp://a" }, "E_ARG_ENDPOINT"],
    ["a password in it", { endpoint: "https://a:b@c" }, "E_ARG_ENDPOINT"],
    ["a token with a line break", { token: "a\r\nb" }, "E_ARG_TOKEN"],
  ])("refuses %s", (_, options, code) => {
    expect(failure(() => serviceOf(options, NOWHERE)).code).toBe(code);
  });
});
