/** Reads a Windows access list in SDDL (MS-DTYP 2.5.1), as `icacls /save` writes it: the same on every language of Windows. */

export type AclEntry = {
  /** Undefined where SDDL's short name stands for an account of this machine or domain. */
  sid: string | undefined
  name: string
  /** Whether it can change the file, its rights or its owner. */
  writes: boolean
}

/** Short names that stand for the same account on every machine. */
const SIDS: Record<string, string> = {
  AN: 'S-1-5-7',
  AU: 'S-1-5-11',
  BA: 'S-1-5-32-544',
  BG: 'S-1-5-32-546',
  BO: 'S-1-5-32-551',
  BU: 'S-1-5-32-545',
  CG: 'S-1-3-1',
  CO: 'S-1-3-0',
  IU: 'S-1-5-4',
  LS: 'S-1-5-19',
  NS: 'S-1-5-20',
  NU: 'S-1-5-2',
  OW: 'S-1-3-4',
  PU: 'S-1-5-32-547',
  RC: 'S-1-5-12',
  RD: 'S-1-5-32-555',
  SO: 'S-1-5-32-549',
  SU: 'S-1-5-6',
  SY: 'S-1-5-18',
  WD: 'S-1-1-0',
}

/** Short names that stand for an account of this machine or domain, by the end of its SID. */
const RELATIVE: Record<string, string> = { LA: '-500', LG: '-501', DA: '-512', DU: '-513', DG: '-514', DC: '-515', DD: '-516' }

const NAMES: Record<string, string> = {
  'S-1-1-0': 'Everyone',
  'S-1-5-4': 'INTERACTIVE',
  'S-1-5-7': 'ANONYMOUS LOGON',
  'S-1-5-11': 'Authenticated Users',
  'S-1-5-19': 'LOCAL SERVICE',
  'S-1-5-20': 'NETWORK SERVICE',
  'S-1-5-32-545': 'Users',
  'S-1-5-32-546': 'Guests',
  'S-1-5-32-547': 'Power Users',
}

const TRUSTED = new Set(['S-1-5-18', 'S-1-5-32-544'])
/** CREATOR OWNER and CREATOR GROUP are replaced by the account that makes a file; OWNER RIGHTS limits what an owner may. */
const PLACEHOLDERS = new Set(['S-1-3-0', 'S-1-3-1', 'S-1-3-4'])

/**
 * The entries that let an account in beside SYSTEM, Administrators and `account` (a SID). Entries that deny take nothing
 * away here: they may name a group that the one who comes is not in.
 */
export function openToOthers(sddl: string, account: string): AclEntry[] {
  // Without a list, or with a null one, everybody may do everything.
  const entries = sddl.startsWith('D:') && !sddl.includes('NO_ACCESS_CONTROL') ? entriesOf(sddl) : undefined
  if (entries === undefined) return [{ sid: undefined, name: 'Everyone', writes: true }]
  return entries.flatMap(({ type, flags, rights, trustee }) => {
    // Allowed, allowed for an object, allowed under a condition.
    if (!['A', 'OA', 'XA', 'ZA'].includes(type)) return []
    const sid = SIDS[trustee] ?? (trustee.startsWith('S-') ? trustee : undefined)
    if (sid === account || (sid !== undefined && TRUSTED.has(sid))) return []
    if (sid === undefined && account.endsWith(RELATIVE[trustee] ?? ' ')) return []
    if (sid !== undefined && PLACEHOLDERS.has(sid) && (sid === 'S-1-3-4' || flags.includes('IO'))) return []
    return [{ sid, name: NAMES[sid ?? ''] ?? sid ?? trustee, writes: mayWrite(rights) }]
  })
}

type Ace = { type: string; flags: string[]; rights: string; trustee: string }

/** Undefined if any part cannot be read: what is not understood is not called closed. */
function entriesOf(sddl: string): Ace[] | undefined {
  const entries: Ace[] = []
  let rest = sddl.slice(2).replace(/^[A-Z_]*/, '').trimEnd()
  while (rest.startsWith('(')) {
    const length = lengthOfEntry(rest)
    const [type = '', flags = '', rights = '', , , trustee = ''] = rest.slice(1, length - 1).split(';')
    if (length === 0 || trustee === '') return undefined
    entries.push({ type, flags: flags.match(/../g) ?? [], rights, trustee: trustee.trim() })
    rest = rest.slice(length)
  }
  // The system's own list (of what is recorded) may follow.
  return rest === '' || rest.startsWith('S:') ? entries : undefined
}

/** Conditions have parentheses of their own. 0 if it does not end. */
function lengthOfEntry(text: string): number {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1
    if (text[at] === ')' && (depth -= 1) === 0) return at + 1
  }
  return 0
}

/** FILE_WRITE_DATA, FILE_APPEND_DATA, FILE_DELETE_CHILD, DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_ALL, GENERIC_WRITE. */
const WRITE_BITS = 0x2 | 0x4 | 0x40 | 0x10000 | 0x40000 | 0x80000 | 0x10000000 | 0x40000000
const WRITE_WORDS = new Set(['FA', 'FW', 'GA', 'GW', 'SD', 'WD', 'WO', 'DC', 'LC', 'DT'])

function mayWrite(rights: string): boolean {
  if (/^0x/i.test(rights)) return (Number(rights) & WRITE_BITS) !== 0
  return (rights.match(/../g) ?? []).some((word) => WRITE_WORDS.has(word))
}
