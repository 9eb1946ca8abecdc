import { defineCode } from './code-definition.ts'

/**
 * 电子健康卡 static code: `<健康卡 ID>:1` (3.2.2). The document's samples have
 * 48 to 64 characters that are not all hexadecimal, hence letters and digits, 32 to 64.
 */
export const healthCardStatic = defineCode({
  format: 'health-card-static',
  label: '电子健康卡（静态码）',
  recognise: (text) => /^[0-9A-Za-z]{32,64}:1$/.test(text),
  samples: [
    { title: '规范样例', text: '2A4A19745AC6D6475C2AA48290B513F818F056277858104C89979A39E49D1444:1' },
    { title: '规范样例（53 位）', text: 'C7DA29345B6DF90A6F5BBEBD73EBE2EDA26F341A6CFEEEB121XXX:1' },
  ],
})
