/** The shape of the page's words, taken from the Vietnamese ones. */

import type { VI } from './words-vi.ts'

export type Language = 'vi' | 'en'

export type Words = typeof VI
