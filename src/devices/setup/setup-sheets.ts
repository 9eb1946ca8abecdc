/** Setting codes of the makers whose programming codes are public: what is printed on their set-up sheets. */
import { FNC3 } from './code-128.ts'

/** What a setting code is for; in this order on every sheet. */
const SETUP_PURPOSES = {
  serial: { title: 'USB 虚拟串口', english: 'USB serial (virtual COM)' },
  hid: { title: 'HID POS', english: 'HID POS' },
  cr: { title: '后缀：回车', english: 'Suffix: CR' },
  plainCase: { title: '不转换大小写', english: 'No case conversion' },
  keyboard: { title: '键盘模式（改回去时用）', english: 'Keyboard mode (to go back)' },
  keyboardUs: { title: '键盘模式：美式布局', english: 'Keyboard mode: US layout' },
  keyboardFast: { title: '键盘模式：最快', english: 'Keyboard mode: fastest' },
} as const satisfies Record<string, { title: string; english: string }>
export type SetupPurpose = keyof typeof SETUP_PURPOSES

export type SetupCode = { readonly symbology: 'code128' | 'qr'; readonly text: string }

export type SetupSheet = {
  readonly maker: string
  /** Models that the sources speak of; others of the maker mostly follow. */
  readonly models: string
  readonly note: string
  readonly codes: Partial<Record<SetupPurpose, SetupCode>>
  /** Where each content and the framing is published. */
  readonly sources: readonly string[]
}

/** Honeywell: a menu command between a tilde and FNC3; the full stop keeps it without power. */
const honeywell = (command: string): SetupCode => ({ symbology: 'code128', text: `~${command}.${FNC3}` })
/** Datalogic: FNC3, the service commands between two `P` (begin and end programming), CR. */
const datalogic = (command: string): SetupCode => ({ symbology: 'code128', text: `${FNC3}$P,${command},P\r` })
/** A wireless module of many small makers: plain text. */
const specCode = (number: string): SetupCode => ({ symbology: 'qr', text: `%%SpecCode${number}` })

/** A sheet for a maker stands here only where a public source states what the codes hold. */
export const SETUP_SHEETS = {
  honeywell: {
    maker: 'Honeywell',
    models: 'Voyager 1200g / 1450g、Xenon 1900 / XP 197x、Granit、Genesis 7580g',
    note: '改接口后电脑会重新识别这把枪。Metrologic 老型号（MS7120、MS4980）不适用。',
    codes: {
      serial: honeywell('TRMUSB130'),
      hid: honeywell('PAP131'),
      cr: honeywell('VSUFCR'),
      keyboard: honeywell('PAP124'),
      keyboardUs: honeywell('KBDCTY0'),
    },
    sources: [
      'Honeywell N86XX User’s Guide, 10 Serial Programming Commands: the programming bar codes hold the menu commands; “.” stores them',
      'github.com/Arakis/barcoder README.md, src/barcoder/lib.cs HoneyWellCommandBarcode: Code 128 set B, “~” + command + FNC3',
      'npmjs.com/package/datamatrix-2d-decode: Voyager 1450g User’s Guide 2-3, PAP124 USB keyboard',
      'Honeywell Voyager 1200g User’s Guide: PAP131 USB HID; Genesis 7580g: TRMUSB130 USB serial; N36XX User’s Guide: VSUFCR; Xenon XP 197x: KBDCTY0 United States',
    ],
  },
  datalogic: {
    maker: 'Datalogic',
    models: 'Gryphon GD / GM / GFS 4xxx、QuickScan、Touch TD1100',
    note: '改接口后扫码枪会重新启动，并载入该接口的出厂设置，所以先改接口，再改别的。',
    codes: {
      serial: datalogic('HA47'),
      cr: datalogic(`CLFSU${'0D'.padEnd(40, '0')}`),
      keyboard: datalogic('HA35'),
    },
    sources: [
      'github.com/anders/td1100 README.md, main.go: Code 128, FNC3 + $P,HA35,P + CR',
      'A+W Software, EN CONFIG QR Code Integration 4.3: Gryphon GM4500, ~3$P,HA35,CKBCO05,…,P<CR>',
      'Datalogic host interface test AT_SP_HostInterfaceSet_USB: $P,HA47,P is USB-COM, $HA35 the USB keyboard; a new interface loads its factory settings',
      'Gryphon GFS4400 scripts: $CLFSU, 20 characters in hexadecimal, is the global suffix',
    ],
  },
  specCode: {
    maker: '说明书中设置码以 %%SpecCode 开头的无线枪',
    models: 'Alacrity、Nadamoo 等同一方案的 2.4G / 蓝牙枪',
    note: '“USB 虚拟串口”指 2.4G 接收器的串口模式。先看说明书里的任一设置码：用手机扫出来不是 %%SpecCode 开头的，不要用这一张。',
    codes: {
      serial: specCode('AE'),
      cr: specCode('9C'),
      plainCase: specCode('A5'),
      keyboard: specCode('A8'),
      keyboardUs: specCode('40'),
      keyboardFast: specCode('B0'),
    },
    sources: ['github.com/juitnow/juit-alacrity-setup README.md, Known commands: QR codes of the plain text'],
  },
} as const satisfies Record<string, SetupSheet>
export type SetupSheetId = keyof typeof SETUP_SHEETS

/** The codes of a sheet in their order. */
export function setupCodes(id: SetupSheetId): { purpose: SetupPurpose; title: string; english: string; code: SetupCode }[] {
  const { codes }: SetupSheet = SETUP_SHEETS[id]
  return Object.entries(SETUP_PURPOSES).flatMap(([name, words]) => {
    const purpose = name as SetupPurpose
    const code = codes[purpose]
    return code ? [{ purpose, ...words, code }] : []
  })
}
