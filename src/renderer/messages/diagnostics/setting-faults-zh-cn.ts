/** What the terminal says of a wrong setting (in English, for the shell and the log), for the technician's form. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^required$/, '必填'],
  [/^required \(or match\)$/, '必填，或改填 match'],
  [/^required, or dll$/, '必填，或改填 dll'],
  [/^required for (\w+)$/, '接入 $1 时必填'],
  [/^required when (\w+) is used$/, '填了 $1 时必填'],
  [/^required when (\w+) is (\w+)$/, '$1 为 $2 时必填'],
  [/^must not be empty$/, '不能为空'],
  [/^must not repeat a type$/, '同一类型不能填两次'],
  [/^must not stand beside path$/, '与 path 只能填一个'],
  [/^must not have (.+)$/, '没有 $1 这个设置项'],
  [/^must be (\d+) digits$/, '须是 $1 位数字'],
  [/^must be (\d+) (or|to) (\d+) digits$/, '须是 $1 $2 $3 位数字'],
  [/^must be (\d+) characters$/, '须是 $1 个字符'],
  [/^must be (\d+) hexadecimal digits$/, '须是 $1 位十六进制数'],
  [/^must be (\d+) hex characters$/, '须是 $1 位十六进制字符'],
  [/^must be (\d+) hex characters or (\d+) characters$/, '须是 $1 位十六进制字符，或 $2 个字符'],
  [/^must be an SM2 private key of (\d+) hex characters$/, '须是 SM2 私钥，$1 位十六进制字符'],
  [/^must be an SM2 public key in hex$/, '须是 SM2 公钥，十六进制'],
  [/^must be a P-256 public key in base64$/, '须是 P-256 公钥，Base64 编码'],
  [/^must be a base64 SHA-256$/, '须是 SHA-256 摘要，Base64 编码'],
  [/^must be a function name$/, '须是函数名，只含字母、数字和下划线'],
  [/^must be a header name$/, '须是 HTTP 头的名称'],
  [/^must be a code of (.+)$/, '须是 $1 中的代码'],
  [/^must be a target type$/, '须是目标码类型（1 到 20 个字符，不含空格）'],
  [/^must have (\d+) to (\d+) characters without spaces$/, '须是 $1 到 $2 个字符，不含空格'],
  [/^must be a host name in lower case, without a port$/, '须是小写的主机名，不带端口'],
  [/^must be a name or a dotted path$/, '须是字段名，或以点分隔的路径'],
  [/^must be a time such as (.+)$/, '须是时间，如 $1'],
  [/^must be a whole number$/, '须是整数'],
  [/^must be text$/, '须是文本'],
  [/^must be an object$/, '须是一组设置'],
  [/^must be true or false$/, '须是 true 或 false'],
  [/^must be an http\(s\) URL such as (.+)$/, '须是 http(s) 地址，如 $1'],
  [/^must be an http\(s\) URL without user name$/, '须是 http(s) 地址，不带用户名'],
  [/^must be an http\(s\) address without user name, or a folder$/, '须是不带用户名的 http(s) 地址，或一个目录'],
  [/^must be an origin such as (.+)$/, '须是来源，如 $1，不带路径'],
  [/^must be host:port such as (.+)$/, '须是 主机:端口，如 $1'],
  [/^must be https, or set allowPlainHttp to true$/, '须用 https；确实只有 http 时把 allowPlainHttp 设为 true'],
  [/^must be auto, none or 1 to 8 characters$/, '只能是 auto、none，或 1 到 8 个字符'],
  [/^must be at least (\S+)( 太小)?$/, '不能小于 $1'],
  [/^must be at most (\S+)( 太大)?$/, '不能大于 $1'],
  [/^must be one of (.+?)( 取值不对)?$/, '只能是 $1'],
  [/^must be (.+), (.+) or (.+)$/, '只能是 $1、$2 或 $3'],
  [/^must be (\S+) or (\S+)$/, '只能是 $1 或 $2'],
  [/^must have at most (\d+) characters$/, '最多 $1 个字符'],
  [/^must have at least (\d+) characters(: the SM4 key is derived from them)?$/, '至少 $1 个字符'],
]
const JOINTS: Readonly<Record<string, string>> = { or: '或', to: '到' }

/** The reason in Chinese; one that has Chinese words already, or is not known, as it came. */
export function settingFaultZhCn(reason: string): string {
  for (const [pattern, words] of WORDS) {
    const found = pattern.exec(reason)
    if (found) return words.replace(/\$(\d)/g, (_, at: string) => JOINTS[found[Number(at)]!] ?? found[Number(at)]!)
  }
  return reason
}
