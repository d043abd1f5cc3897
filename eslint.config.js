import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "kernels/wasm/assembly/", "kernels/wasm/build/", ".cache/", "coverage/", "docs/course/start/"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    rules: {
      // Typed arrays are indexed inside loops whose bounds make the element certain; `!` says so.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-explicit-any": "error",
      "no-console": "error",
      "max-lines-per-function": ["error", { max: 40, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["test/support/*.mjs"],
    languageOptions: { globals: { process: "readonly", setTimeout: "readonly" } },
  },
  {
    // The last value of a cell is what it shows; exercises are for the reader to fill in.
    files: ["notebooks/**"],
    rules: {
      "no-console": "off",
      "@typescript-eslint/no-unused-expressions": "off",
      "@typescript-eslint/no-unused-vars": "off",
    },
  },
  {
    files: ["test/**", "golden/**", "kernels/bench/**"],
    rules: { "max-lines-per-function": "off", "no-console": "off" },
  },
);
