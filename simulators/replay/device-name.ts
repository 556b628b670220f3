/** A recording's own names of places as device ids. */

import { isDeviceId } from '../../libs/core/device.ts'

const LONGEST = 64

/** `Bể Số 7` → `be-so-7`; null where nothing is left. Marks over letters go, other signs become a hyphen. */
export function deviceIdFrom(text: string, prefix = ''): string | null {
  const plain = text
    .trim()
    .toLowerCase()
    .replaceAll('đ', 'd')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-._]+|-+$/g, '')
  if (plain === '') return null
  const id = `${prefix}${plain}`.slice(0, LONGEST)
  return isDeviceId(id) ? id : null
}
