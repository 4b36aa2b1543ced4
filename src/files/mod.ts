/**
 * Files: read and written whole, durably and by one process at a time; JSON read strictly; folders; and the words for
 * failures of files. The contents of a file are the business of the folder that keeps it, such as `identity/`; the file
 * that a flag means is that of `cli/`.
 *
 * @module
 */
export { readWhole, versionOf, writeWhole } from "./atomic_file.ts";
export { fileError, fileReason } from "./file_error.ts";
export { FileLock } from "./file_lock.ts";
export { makeFolder, makeFolderOf } from "./folder.ts";
export { type JsonFormat, JsonValue, parseJsonFile } from "./json_value.ts";
