/** Who may ask: whoever has a key, where there are keys; and no page that a browser was led to. */
import { createHash, timingSafeEqual } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { RequestError } from "./errors.ts";

/** What a request says of whoever sends it. */
export interface Caller {
  readonly authorization: string | undefined;
  readonly host: string | undefined;
  readonly address: string;
}

export class Access {
  private readonly keys: readonly Buffer[];
  private readonly local: boolean;

  /** `local`: whether only this machine is listened to. */
  constructor(keys: readonly string[], local: boolean) {
    this.keys = keys.map(digest);
    this.local = local;
  }

  /**
   * A page can have the name of its own server mean 127.0.0.1 and then ask as its own origin. Such a request bears that
   * name; one that is meant for this machine does not. Throws RequestError 403.
   */
  checkHost({ host }: Pick<Caller, "host">): void {
    if (!this.local || host === undefined) return;
    const name = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
    if (name === "localhost" || isIPv4(name) || isIPv6(name)) return;
    throw new RequestError(403, "wrong_host", "Host", {
      expected: "localhost or an address",
      actual: JSON.stringify(name.slice(0, 100)),
      hint: "To be reached by a name, listen on an address of the network: --host 0.0.0.0, with an API key.",
    });
  }

  /** The line that a caller waits in: that of its key, else of its address. Throws RequestError 401. */
  clientOf({ authorization, address }: Caller): string {
    if (this.keys.length === 0) return address;
    const given = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
    const own = given === undefined ? undefined : digest(given);
    const found = own && this.keys.findIndex((key) => timingSafeEqual(key, own));
    if (found !== undefined && found >= 0) return `key ${found}`;
    throw new RequestError(401, "invalid_api_key", "Authorization", {
      expected: '"Bearer" and one of the keys of this server',
      actual: given === undefined ? "none" : "another",
      hint: "Ask whoever runs it for a key.",
    });
  }
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
