/** The real disk. */

import fs from 'node:fs'
import path from 'node:path'
import type { Disk, DiskFile } from './disk.ts'

const FILE_MODE = 0o640
const DIR_MODE = 0o750

type Callback = (error: NodeJS.ErrnoException | null) => void

const promised = (start: (done: Callback) => void): Promise<void> =>
  new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())))

// pwrite may take only a part, and does so where the disk fills up on the way: the next call then says ENOSPC.
function writeAll(fd: number, bytes: Uint8Array, from: number, length: number, position: number, done: Callback): void {
  fs.write(fd, bytes, from, length, position, (error, written) => {
    if (error) done(error)
    else if (written === length) done(null)
    else writeAll(fd, bytes, from + written, length - written, position + written, done)
  })
}

async function readAll(fd: number, into: Uint8Array, length: number, position: number): Promise<number> {
  let total = 0
  while (total < length) {
    const at = total
    const got = await new Promise<number>((resolve, reject) => {
      fs.read(fd, into, at, length - at, position + at, (error, count) => (error ? reject(error) : resolve(count)))
    })
    if (got === 0) break
    total += got
  }
  return total
}

function readAllSync(fd: number, into: Uint8Array, length: number, position: number): number {
  let total = 0
  while (total < length) {
    const got = fs.readSync(fd, into, total, length - total, position + total)
    if (got === 0) break
    total += got
  }
  return total
}

function createNodeFile(fd: number): DiskFile {
  return {
    write: (bytes, length, position) => promised((done) => writeAll(fd, bytes, 0, length, position, done)),
    fdatasync: () => promised((done) => fs.fdatasync(fd, done)),
    read: (into, length, position) => readAll(fd, into, length, position),
    readSync: (into, length, position) => readAllSync(fd, into, length, position),
    truncate: (length) => promised((done) => fs.ftruncate(fd, length, done)),
    size: () =>
      new Promise((resolve, reject) => fs.fstat(fd, (error, stat) => (error ? reject(error) : resolve(stat.size)))),
    close: () => promised((done) => fs.close(fd, done)),
  }
}

const openFd = (file: string, flags: number | string): Promise<number> =>
  new Promise((resolve, reject) => {
    fs.open(file, flags, FILE_MODE, (error, fd) => (error ? reject(error) : resolve(fd)))
  })

async function syncDir(dir: string): Promise<void> {
  const fd = await openFd(dir, 'r')
  try {
    await promised((done) => fs.fsync(fd, done))
  } finally {
    await promised((done) => fs.close(fd, done))
  }
}

async function makeDir(dir: string): Promise<void> {
  const made = await fs.promises.mkdir(dir, { recursive: true, mode: DIR_MODE })
  if (made === undefined) return
  // mkdir says which was the topmost new folder: its name lies in the one above.
  const top = path.dirname(made)
  for (let parent = path.dirname(path.resolve(dir)); ; parent = path.dirname(parent)) {
    await syncDir(parent)
    if (parent === top || parent === path.dirname(parent)) return
  }
}

export function createNodeDisk(): Disk {
  return {
    open: async (file, mode) =>
      createNodeFile(await openFd(file, mode === 'read' ? 'r' : fs.constants.O_RDWR | fs.constants.O_CREAT)),
    list: (dir) => fs.promises.readdir(dir),
    makeDir,
    syncDir,
    rename: (from, to) => fs.promises.rename(from, to),
    unlink: (file) => fs.promises.unlink(file),
  }
}
