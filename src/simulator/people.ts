/** The people of the rehearsal: made up, in a county (349901) that does not exist. */

export type Person = {
  /** Short name by which samples and tests speak of them. */
  readonly key: string
  readonly name: string
  readonly gender: '男' | '女'
  readonly nation: string
  /** yyyy-MM-dd */
  readonly birthday: string
  /** 证件类型 of 电子健康卡 3.3.2. */
  readonly idType: string
  readonly idNumber: string
  readonly phone: string
  readonly address: string
  /** 安康码 colour: 1 green, 2 yellow, 3 red. */
  readonly healthLevel: '1' | '2' | '3'
  readonly isSelf: boolean
  /** 安康码 通用授权: without it the platform tells neither name nor number. */
  readonly authorised: boolean
  readonly frozen: boolean
  /** 院内 ID where the card is bound already. */
  readonly patid: string
  /** Which 目标码 (last three digits of the type) the person has, and how many of each. */
  readonly targets: Readonly<Record<string, number>>
  /** How this person's 安康码 answers write `data`. */
  readonly dataAs: 'array' | 'object' | 'string'
}

const AREA = '349901'

export const PEOPLE = [
  person({ key: 'lin', name: '林安和', gender: '女', birthday: '1988-10-22', serial: 102, patid: 'P0000101' }),
  person({ key: 'ma', name: '马德山', gender: '男', nation: '回族', birthday: '1956-03-08', serial: 113, healthLevel: '2', dataAs: 'string' }),
  person({ key: 'miao', name: '龙阿朵', gender: '女', nation: '苗族', birthday: '2001-07-19', serial: 124, healthLevel: '3' }),
  person({ key: 'ouyang', name: '欧阳若水', gender: '女', nation: '壮族', birthday: '1979-12-01', serial: 146, authorised: false }),
  person({ key: 'fang', name: '方多', gender: '男', birthday: '1990-05-05', serial: 157, targets: { '002': 2, '003': 1 } }),
  person({ key: 'han', name: '韩冬生', gender: '男', birthday: '1983-01-17', serial: 179, frozen: true }),
  person({ key: 'bao', name: '包其木格', gender: '女', nation: '蒙古族', birthday: '2019-06-01', serial: 188, isSelf: false, dataAs: 'object' }),
  person({ key: 'chan', name: '陈港生', gender: '男', birthday: '1970-09-30', idType: '06', idNumber: 'H00000017' }),
  person({ key: 'smith', name: '约翰·示例', gender: '男', nation: '其它民族或外国人', birthday: '1995-02-28', idType: '03', idNumber: 'E00000029' }),
] as const satisfies readonly Person[]
export type PersonKey = 'lin' | 'ma' | 'miao' | 'ouyang' | 'fang' | 'han' | 'bao' | 'chan' | 'smith'

/** A person by key. */
export function personOf(key: PersonKey): Person {
  return PEOPLE.find((one) => one.key === key) as Person
}

/** The GB 11643 check digit of 17 digits. */
export function checkDigit(first17: string): string {
  let sum = 0
  for (let place = 0; place < 17; place++) sum += Number(first17[place]) * (2 ** (17 - place) % 11)
  return '10X98765432'[sum % 11] as string
}

/** True for 18 characters with a real date and the right check digit. */
export function isIdentityNumber(text: string): boolean {
  const date = /^\d{6}(\d{4})(\d{2})(\d{2})\d{3}[\dX]$/.exec(text)
  if (date === null) return false
  const day = `${date[1]}-${date[2]}-${date[3]}`
  const at = Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== day) return false
  return checkDigit(text.slice(0, 17)) === text[17]
}

function person(
  given: Partial<Person> & Pick<Person, 'key' | 'name' | 'gender' | 'birthday'> & { serial?: number },
): Person {
  const { serial = 0, ...rest } = given
  const first17 = AREA + given.birthday.replaceAll('-', '') + String(serial).padStart(3, '0')
  return {
    nation: '汉族',
    idType: '01',
    idNumber: first17 + checkDigit(first17),
    phone: `199000${String(serial + given.name.length).padStart(5, '0')}`,
    address: '安徽省合肥市示例路 1 号',
    healthLevel: '1',
    isSelf: true,
    authorised: true,
    frozen: false,
    patid: '',
    targets: { '002': 1 },
    dataAs: 'array',
    ...rest,
  }
}
