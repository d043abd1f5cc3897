/**
 * Jupyter's messages as they go over the wire: frames signed with the connection's key.
 *
 *   identities ... | <IDS|MSG> | HMAC-SHA256 of the next four | header | parent header | metadata | content
 *
 * source   Jupyter client documentation, "Messaging in Jupyter", version 5.3 of the protocol
 */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

/** A message, and whom to answer. */
export interface Message {
  readonly identities: readonly Uint8Array[];
  readonly header: Header;
  readonly content: Readonly<Record<string, unknown>>;
  readonly parent?: Header | undefined;
}

export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

const DELIMITER = "<IDS|MSG>";
export const PROTOCOL = "5.3";

/** Signs and reads the messages of one connection. */
export class Wire {
  private readonly key: string;
  private readonly session = randomUUID();

  /** `key` is the connection file's; an empty one signs nothing. */
  constructor(key: string) {
    this.key = key;
  }

  /** The message in these frames; undefined if they are not one, or are signed by somebody else. */
  read(frames: readonly Uint8Array[]): Message | undefined {
    const at = frames.findIndex((frame) => Buffer.from(frame).equals(Buffer.from(DELIMITER)));
    const [signature, ...parts] = frames.slice(at + 1);
    if (at < 0 || signature === undefined || parts.length < 4) return undefined;
    const own = Buffer.from(this.sign(parts.slice(0, 4)));
    if (own.length !== signature.length || !timingSafeEqual(own, signature)) return undefined;
    const [header, parent, , content] = parts.map((part) => JSON.parse(Buffer.from(part).toString()) as unknown);
    return {
      identities: frames.slice(0, at),
      header: header as Header,
      parent: parent as Header,
      content: content as Message["content"],
    };
  }

  /** The frames of an answer to `parent`, or of news about it. */
  write(type: string, content: object, parent: Message | undefined, identities: readonly Uint8Array[]): Uint8Array[] {
    const header: Header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.session,
      username: "kernel",
      date: new Date().toISOString(),
      version: PROTOCOL,
    };
    const parts = [header, parent?.header ?? {}, {}, content].map((part) => Buffer.from(JSON.stringify(part)));
    return [...identities, Buffer.from(DELIMITER), Buffer.from(this.sign(parts)), ...parts];
  }

  private sign(parts: readonly Uint8Array[]): string {
    if (this.key === "") return "";
    const hmac = createHmac("sha256", this.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }
}
