/**
 * Formats of the log: text and JSON, one line a record.
 *
 * @module
 */
import type { LogRecord } from "@logtape/logtape";
import { printable, printableJson } from "../src/printable.ts";

/** `2026-11-20T12:00:00.000Z INFO client.connected Client 127.0.0.1:50412 connected (connection 3)`. */
export function formatText(record: LogRecord): string {
  const { event } = record.properties as { event: string };
  return `${timeOf(record)} ${levelOf(record)} ${event} ${printable(messageText(record))}\n`;
}

/** One JSON object: `time`, `level`, `event`, `message` and the fields. */
export function formatJson(record: LogRecord): string {
  const { event, ...fields } = record.properties;
  const text = printableJson({
    time: timeOf(record),
    level: levelOf(record),
    event,
    message: messageText(record),
    ...fields,
  });
  return `${text}\n`;
}

/** The time formatted last: under load many records have the same millisecond. */
let formatted = { timestamp: -1, text: "" };
const timeOf = ({ timestamp }: LogRecord) => {
  if (timestamp !== formatted.timestamp) formatted = { timestamp, text: new Date(timestamp).toISOString() };
  return formatted.text;
};
const levelOf = (record: LogRecord) => record.level === "warning" ? "WARN" : record.level.toUpperCase();
const messageText = ({ message }: LogRecord) =>
  message.length === 1 ? String(message[0]) : message.map(String).join("");
