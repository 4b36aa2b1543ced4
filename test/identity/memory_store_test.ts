import { MemoryUserStore } from "../../src/identity/memory_store.ts";
import { storeContract } from "./store_contract.ts";

storeContract("memory", (most) => Promise.resolve(new MemoryUserStore(most)));
