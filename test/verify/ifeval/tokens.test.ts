import { expect, test } from "vitest";
import { sentenceTokens, tokens } from "../../../src/verify/ifeval/tokens.ts";

test("words are cut as the Penn Treebank cuts them", () => {
  expect(sentenceTokens("Good muffins cost $3.88 (roughly 3,36 euros) in New York.")).toEqual(
    "Good muffins cost $ 3.88 ( roughly 3,36 euros ) in New York .".split(" "),
  );
  expect(sentenceTokens("They'll say \"I can't\", 'cannot', gimme U.S.A.")).toEqual(
    "They 'll say `` I ca n't '' , ' can not ' , gim me U.S.A .".split(" "),
  );
  expect(sentenceTokens("'Tis X--Y\u2014Z*; \u201cno\u201d...")).toEqual(
    "' Tis X -- Y \u2014 Z * ; \u201c no \u201d ...".split(" "),
  );
});

test("each sentence by itself", () => {
  expect(tokens("I AM HERE. GO!")).toEqual(["I", "AM", "HERE", ".", "GO", "!"]);
});
