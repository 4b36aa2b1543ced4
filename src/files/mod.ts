/**
 * Files: what is read and written whole, durably and by one process at a time, JSON read strictly, folders, and the words
 * for what goes wrong. Here are also the blocks that bulk echo reads files in. What is in a file is the business of who
 * keeps it, such as `identity/`; which file a flag means is that of `cli/`.
 *
 * @module
 */
export { readWhole, versionOf, writeWhole } from "./atomic_file.ts";
export { BlockSource, hasHeadroom, HEADROOM } from "./block_source.ts";
export { fileError, fileReason } from "./file_error.ts";
export { FileLock } from "./file_lock.ts";
export { makeFolder, makeFolderOf } from "./folder.ts";
export { type JsonFormat, JsonValue, parseJsonFile } from "./json_value.ts";
export { isPlainFile } from "./plain_file.ts";
