/** The makers' setting codes as the diagnostic screen draws them. */
import { code128 } from '../../devices/setup/code-128.ts'
import { SETUP_SHEETS, setupCodes, type SetupPurpose, type SetupSheetId } from '../../devices/setup/setup-sheets.ts'

export type ShownCode = {
  purpose: SetupPurpose
  title: string
  /** What a QR code holds. */
  text?: string
  /** Widths of bars and spaces in modules, bar first. */
  bars?: number[]
}
export type ShownSheet = { id: SetupSheetId; maker: string; models: string; note: string; codes: ShownCode[] }

export function shownSheets(): ShownSheet[] {
  return (Object.keys(SETUP_SHEETS) as SetupSheetId[]).map((id) => {
    const { maker, models, note } = SETUP_SHEETS[id]
    const codes = setupCodes(id).map(({ purpose, title, code: { symbology, text } }) => ({
      purpose,
      title,
      ...(symbology === 'qr' ? { text } : { bars: code128(text) }),
    }))
    return { id, maker, models, note, codes }
  })
}
