/** What a mask leaves: at most the ends, at least half hidden and never fewer than four, but for names and mobile numbers as the contract has them. */
import { describe, expect, test } from 'vitest'
import { maskEnd, maskIdNumber, maskName, maskPhone } from '../../src/devices/scan.ts'

const hidden = (masked: string) => [...masked].filter((letter) => letter === '*').length

test.each([
  ['432901198810228888', '432***********8888'],
  ['340101850612003', '340********2003'],
  ['12345678', '12****78'],
  ['G1234567', 'G1****67'],
  ['E12345678', 'E1*****78'],
  ['H1234567801', 'H1******801'],
  ['A123456(7)', 'A1*****(7)'],
  ['1234567', '*******'],
  ['12', '**'],
  ['', ''],
])('the number %s is %s', (number, masked) => expect(maskIdNumber(number)).toBe(masked))

test.each([
  ['18812342012', '188****2012'],
  ['62345678', '62****78'],
  ['05512345678', '05******678'],
  ['0551-62345678', '055*******678'],
  ['2345678', '*******'],
  ['+8618812342012', '+86*******2012'],
])('the telephone %s is %s', (phone, masked) => expect(maskPhone(phone)).toBe(masked))

test.each([
  ['李小国', '李*国'],
  ['李国', '李*'],
  ['李', '*'],
  ['', ''],
  ['欧阳小国', '欧**国'],
  ['阿卜杜拉·买买提', '阿******提'],
  ['𠮷田', '𠮷*'],
])('the name %s is %s', (name, masked) => expect(maskName(name)).toBe(masked))

test.each([
  ['安徽省合肥市示例路1号', '安徽省********'],
  ['合肥市路1号3栋', '合肥市*****'],
  ['路1号3栋', '路****'],
  ['路1号', '***'],
])('the address %s is %s', (address, masked) => expect(maskEnd(address)).toBe(masked))

describe('of any length', () => {
  test.each([maskIdNumber, maskPhone, maskEnd])('%o hides at least half and four, and keeps the length', (mask) => {
    for (let length = 1; length < 60; length++) {
      for (const letter of ['7', 'x', '码', '𠮷']) {
        const masked = mask(letter.repeat(length))
        expect([...masked].length).toBe(length)
        // A mobile number is 188****2012.
        if (mask === maskPhone && /^1\d{10}$/.test(letter.repeat(length))) continue
        expect([length, hidden(masked) >= Math.min(length, Math.max(4, Math.ceil(length / 2)))]).toEqual([length, true])
      }
    }
  })
})
