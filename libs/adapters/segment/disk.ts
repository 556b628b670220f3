/** The disk as the segment log sees it: small enough that a test can crash it, tear it and fill it. */

export interface DiskFile {
  /** Writes `length` bytes of `bytes` at `position`. After a rejection any part of them may be in the file. */
  write(bytes: Uint8Array, length: number, position: number): Promise<void>
  /** Resolves when everything written before the call, and the file's length, survives a power cut. */
  fdatasync(): Promise<void>
  /** Reads up to `length` bytes into the start of `into`; resolves with how many there were, fewer only at the end of the file. */
  read(into: Uint8Array, length: number, position: number): Promise<number>
  /** The same, on the caller's thread: for a reader in a worker, which would otherwise queue behind every fdatasync of the thread pool. */
  readSync(into: Uint8Array, length: number, position: number): number
  truncate(length: number): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

/** Errors carry Node's `code` (ENOSPC, EIO, ENOENT …). */
export interface Disk {
  /** `write` creates the file where there is none and also reads; `read` fails with ENOENT. */
  open(path: string, mode: 'read' | 'write'): Promise<DiskFile>
  /** Names in a folder, in any order. */
  list(dir: string): Promise<readonly string[]>
  /** Makes the folder and those above it; each new name is durable when this resolves. */
  makeDir(dir: string): Promise<void>
  /** Makes creations, renames and removals in this folder durable. */
  syncDir(dir: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
}
