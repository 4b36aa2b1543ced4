/**
 * The one logic behind every way to log in, free of wires and time.
 *
 * @module
 */
import type { ClientInput } from "./client_input.ts";
import { CONTROL_VERSION } from "./control.ts";
import { type AccessEvent, type Login, refused, type Step } from "./steps.ts";

/** Messages that a client may send before it is admitted: a login needs fewer. */
const MAX_MESSAGES = 16;

/**
 * From a client's input to the server's next step.
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
  /** State of the client. */
  state: "new" | "asked" | "admitted" | "over" = "new";
  /** True once it said hello: only then it is sent control messages. */
  saidHello = false;
  /** Its name, once admitted, where there is one. */
  name: string | undefined;

  /** `limited`: a client that is not admitted yet may send only so many messages. */
  constructor(login: Login, limited: boolean, report: (event: AccessEvent) => void) {
    this.#login = login;
    this.#limited = limited;
    this.#report = report;
  }

  /** The server speaks first. */
  begin(): Promise<Step> {
    return this.#next(() => this.#login.begin());
  }

  /** Calls `revoked` when the client that was admitted no longer may use the server; returns what ends the watch. */
  watch(revoked: (why: string) => void): (() => void) | undefined {
    return this.#login.watch?.(revoked);
  }

  /** Takes a question back that was not sent. */
  restart(): undefined {
    if (this.state === "asked") this.state = "new";
  }

  /** Handles input; returns the next step, undefined: nothing changes. */
  handle(input: ClientInput): Promise<Step> | Step | undefined {
    if (this.state === "over") return undefined;
    const admitted = this.state === "admitted";
    if (!admitted && this.#limited && ++this.#messages > MAX_MESSAGES) {
      return this.#settle(refused("too-much", `More than ${MAX_MESSAGES} messages before the login`));
    }
    switch (input.type) {
      case "hello":
        return this.#hello(input.version, input.token);
      case "answer":
        if (this.state !== "asked" || input.field !== this.#asked) {
          return this.#settle(refused("out-of-order", "Nobody asked for this answer"));
        }
        return this.#next(() => this.#login.answer(input.value));
      case "line":
        return admitted ? undefined : this.#next(() => this.#login.answer(input.value));
      case "logout":
        return this.#next(() => this.#logout());
      case "exit":
        return this.#settle({ type: "bye", reason: "exit", text: "Goodbye" });
      case "early":
        return this.#settle(refused("login-required", "Log in before you send messages"));
      case "overflow":
        return this.#settle(refused("too-much", `More than ${input.limit} bytes before the login`));
      case "timeout":
        return admitted ? undefined : this.#settle(refused("timed-out", "The login took too long"));
      case "revoked":
        this.#report({ type: "revoked", text: input.text });
        return this.#settle({ type: "bye", reason: "revoked", text: input.text });
      default: // unknown types are ignored, and so is what only a server says
        return undefined;
    }
  }

  #hello(version: number, token: string | undefined): Step | Promise<Step> {
    // Who was slow may have been asked before its first message, this one, came.
    if (this.saidHello || this.state === "asked" && this.#messages > 1) {
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
      if (step.unstored !== undefined) this.#report({ type: "unstored", error: step.unstored });
      this.#report({ type: "admitted", name: step.name, registered: step.registered === true });
    } else {
      this.state = "over";
      if (step.type === "refused") this.#report({ type: "refused", code: step.code, text: step.text });
    }
    return step;
  }
}
