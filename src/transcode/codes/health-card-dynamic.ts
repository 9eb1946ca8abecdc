import { defineCode } from './code-definition.ts'

/** 电子健康卡 dynamic code: `<健康卡 ID>:0:<32>::<发卡机构>` (3.2.10); letters and digits, as its sample has O and S. */
export const healthCardDynamic = defineCode({
  format: 'health-card-dynamic',
  label: '电子健康卡（动态码）',
  oneTime: true,
  recognise: (text) => /^[0-9A-Za-z]{32,64}:0:[0-9A-Za-z]{32}::[0-9A-Za-z]{1,32}$/.test(text),
  samples: [
    {
      title: '规范样例',
      text: 'D109C4C340995DFC13262A55699FBDAD8S564E8B65796FA1:0:BOE3CC5F50EF5DC663F094C985B58312::35020001001',
    },
    {
      title: '64 位健康卡 ID',
      text: '2A4A19745AC6D6475C2AA48290B513F818F056277858104C89979A39E49D1444:0:00112233445566778899AABBCCDDEEFF::34010000001',
    },
  ],
})
