import { defineCode } from './code-definition.ts'

/** Whatever no other format took: never opened, never kept. */
export const unknown = defineCode({
  format: 'unknown',
  label: '无法识别的码',
  ofNobody: true,
  recognise: () => true,
  samples: [
    { title: '冒充安康码的网址', text: 'https://akm.ahzwfw.gov.cn.evil.example/akm-sj-mgr/index.html#/myAkm?id=akm:qrcode:1' },
    { title: '无关网址', text: 'https://menu.example/table/7' },
    { title: '校验码不对的身份证号', text: '340101199003077428' },
    { title: '健康卡码缺少尾部', text: 'C220AE414CE6EE581037C311AE24518FCFE19C429BECD478C1A13976260F' },
  ],
})
