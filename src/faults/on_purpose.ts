/**
 * Failures that were asked for.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";

/** The error of a stage that fails because it was told to, so that a log does not blame the peer. */
export class OnPurpose extends EchopipeError {}
