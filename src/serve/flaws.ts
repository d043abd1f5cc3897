/** What may be wrong with a reply, as the server tells it. */
import type { Loop } from "../generate/repetition.ts";

export type Flaw = { readonly type: "endless_repetition" } & Loop;
