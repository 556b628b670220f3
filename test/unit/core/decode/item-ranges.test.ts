import fc from 'fast-check'
import { expect, test } from 'vitest'
import { itemRanges } from '../../../../libs/core/decode/item-ranges.ts'

test('the bytes of each item of any array say what the item says', () => {
  const space = fc.constantFrom('', ' ', '\n\t')
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), space, (items, gap) => {
      const text = `${gap}[${gap}${items.map((item) => JSON.stringify(item, null, gap)).join(`${gap},${gap}`)}${gap}]${gap}`
      const read = itemRanges(Buffer.from(text)).map((bytes) => JSON.parse(bytes.toString()) as unknown)
      expect(read).toEqual(JSON.parse(text))
    }),
  )
})

test('quotation marks and brackets within texts do not end an item', () => {
  const items = itemRanges(Buffer.from('[{"a":"\\\\"},"]\\",[",{"b":"}"}]'))
  expect(items.map(String)).toEqual(['{"a":"\\\\"}', '"]\\",["', '{"b":"}"}'])
})
