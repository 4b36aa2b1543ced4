/**
 * The one logic behind every way to log in, free of wires and time.
 *
 * @module
 */
import { type Control, CONTROL_VERSION } from "./control.ts";
import { type AccessEvent, type Login, refused, type Step } from "./steps.ts";

/** Control messages that a client may send before it is admitted: a login needs fewer. */
const MAX_MESSAGES = 16;

/** What a client has said: a control message, a line, or nothing for too long. */
export type Said = Control | { readonly type: "line"; readonly value: string } | { readonly type: "silence" };

/**
 * From what a client says to what it is told.
 *
 * ```text
 * new --begin, hello--> asked --answer--> asked ...
 *  |                      |
 *  +--------+-------------+--> admitted --logout, out of order--> over
 *           +--refused, timed out----------------------------------^
 * ```
 */
export class AccessMachine {
  readonly #login: Login;
  readonly #limited: boolean;
  readonly #report: (event: AccessEvent) => void;
  #asked: string | undefined;
  #messages = 0;
  /** Where the client stands. */
  state: "new" | "asked" | "admitted" | "over" = "new";
  /** Whether it said hello: only then it is sent control messages. */
  saidHello = false;
  /** Its name, once admitted, where there is one. */
  name: string | undefined;

  /** Under `limited` a client that is not admitted yet may say only so much. */
  constructor(login: Login, limited: boolean, report: (event: AccessEvent) => void) {
    this.#login = login;
    this.#limited = limited;
    this.#report = report;
  }

  /** The server speaks first. */
  begin(): Promise<Step> {
    return this.#next(() => this.#login.begin());
  }

  /** The next step; undefined: what was said changes nothing. Said is undefined where it is not known. */
  said(said: Said | undefined): Promise<Step> | Step | undefined {
    if (this.state === "over") return undefined;
    const waiting = this.state !== "admitted";
    if (waiting && this.#limited && ++this.#messages > MAX_MESSAGES) {
      return this.#settle(refused("too-much", `More than ${MAX_MESSAGES} messages before the login`));
    }
    switch (said?.type) {
      case "hello":
        return this.#hello(said.version, said.token);
      case "answer":
        if (this.state !== "asked" || said.field !== this.#asked) {
          return this.#settle(refused("out-of-order", "Nobody asked for this answer"));
        }
        return this.#next(() => this.#login.answer(said.value));
      case "line":
        return waiting ? this.#next(() => this.#login.answer(said.value)) : undefined;
      case "logout":
        return this.#next(() => this.#logout());
      case "silence":
        return waiting ? this.#settle(refused("timed-out", "The login took too long")) : undefined;
      default: // unknown types are ignored, and so is what only a server says
        return undefined;
    }
  }

  /** The client must log in before it sends anything else. */
  tooEarly(): Step {
    return this.#settle(refused("login-required", "Log in before you send messages"));
  }

  /** The client has said more than a login takes. */
  tooMuch(limit: number): Step {
    return this.#settle(refused("too-much", `More than ${limit} bytes before the login`));
  }

  /** The client leaves by itself. */
  left(): Step {
    return this.#settle({ type: "bye", reason: "exit", text: "Goodbye" });
  }

  #hello(version: number, token: string | undefined): Step | Promise<Step> {
    if (this.saidHello || this.state === "asked") {
      return this.#settle(refused("out-of-order", "A hello comes once, before all else"));
    }
    this.saidHello = true;
    if (version !== CONTROL_VERSION) {
      return this.#settle(
        refused("version", `Version ${version} is not spoken here, version ${CONTROL_VERSION} is`),
      );
    }
    return this.#next(() => this.#login.begin(token));
  }

  async #logout(): Promise<Step> {
    if (this.state !== "admitted") return refused("out-of-order", "Nobody is logged in");
    await this.#login.logout?.();
    this.#report({ type: "logged-out", name: this.name });
    return { type: "bye", reason: "logout", text: "Logged out" };
  }

  async #next(step: () => Step | Promise<Step>): Promise<Step> {
    try {
      return this.#settle(await step());
    } catch (error) {
      this.#report({ type: "failed", error });
      return this.#settle(refused("unavailable", "The server cannot tell who is who at the moment"));
    }
  }

  #settle(step: Step): Step {
    if (this.state === "over") return step; // timed out meanwhile
    if (step.type === "ask") {
      this.state = "asked";
      if (step.wrong) this.#report({ type: "wrong" });
      this.#asked = step.field;
    } else if (step.type === "welcome") {
      this.state = "admitted";
      this.name = step.name;
      this.#report({ type: "admitted", name: step.name, registered: step.registered === true });
    } else {
      this.state = "over";
      if (step.type === "refused") this.#report({ type: "refused", code: step.code, text: step.text });
    }
    return step;
  }
}
