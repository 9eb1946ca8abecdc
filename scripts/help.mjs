/** What `--help` says of each command. */
const TEXTS = {
  start: `用法：npm start -- [--config 设置文件] [--data-dir 目录] [--host electron|browser|none] [--port N]
不带 --config 时运行演示：模拟平台、虚拟扫码枪、窗口界面。--port 代替设置中的端口，0 为任取空闲端口。
就绪后标准输出一行 JSON（ready、api、ui、host）；日志在标准错误。SIGTERM、SIGINT 结束，退出码 0；设置有误 78，参数有误 64，其他原因没有启动 1。`,
  doctor: `用法：npm run doctor -- [--config 设置文件] [--data-dir 目录]
逐项检查，每项一行：✔ 正常、！注意、✘ 异常。没有异常退出码 0，有则 1。`,
  acceptance: `用法：npm run acceptance -- [--config 设置文件] [--data-dir 目录] [--calls 测试数据文件] [--out 目录] [--yes]
按文档逐项验收（电子健康卡 2.8，及其他已配置平台的接口），每项一行，写出 HTML 与 JSON 报告；不带 --config 时对自带的模拟平台。
  --data-dir  数据目录，终端须已停止；没有时用临时目录，结束即删除
  --calls     测试患者的数据：{"health-card/getHealthCardByQRCode": {"qrCodeText": "…"}, …}，请求体同本地接口；模拟平台不需要
  --out       报告写到哪里，缺省 acceptance
  --yes       允许发送会计数、计费、用掉码或动用额度的请求（核验、上报、注册、绑定、冻结、消息等）
没有不通过退出码 0，有则 1；设置有误 78，参数有误 64。`,
  open: `用法：npm run open -- [--data-dir 目录]
印出正在运行的码桥的新打开地址（一分钟内用一次）。退出码 0；没有在运行的码桥 1。`,
  simulate: `用法：npm run simulate -- [--port N]
只运行模拟平台，直到 SIGTERM。N 为 0（缺省）时任取空闲端口。`,
  decode: `用法：npm run decode -- 图片…
用摄像头的解码器读图片（PNG、JPEG、BMP、GIF），每个一行 JSON：file、text、ms；没有读到时 text 为 null。有图片打不开时退出码 1。`,
  electron: `用法：npm run electron -- [--config 设置文件] [--data-dir 目录]
用 Electron 自己的安装程序下载它（遵守 ELECTRON_MIRROR），再在其中启动。`,
  bench: `用法：npm run bench
性能测试，每项一行 JSON，最后是一张表。约几分钟，机器应空闲。`,
  soak: `用法：npm run soak
长时间运行的检查，缺省一小时。`,
  mutate: `用法：npm run mutate -- --of 源码 --by 测试 [--then 较慢的测试] [--count N] [--seed S] [--at 文件:行] [--limit 秒]
在副本中逐一改动源码，看测试能否发现；没有发现的每个一行 JSON，最后是数字。不带 --count 时全部试过，要几小时。`,
  audit: `用法：npm run audit -- [--strict]
向 npm 源询问所用依赖的已知弱点与签名，每问最多等 30 秒。查出问题退出码 1；没有答复不算通过，写明“未核查”，退出码 0，带 --strict 时 75。`,
  sbom: `用法：npm run sbom -- [--dev]
写出 out/sbom.cdx.json（CycloneDX 清单）；--dev 包括开发工具。`,
  bundle: `用法：npm run bundle
制作无 Electron 的整包 dist/maqiao-版本-系统-架构.tar.gz，自带 Node。约半分钟。`,
  'sign-update': `用法：npm run sign-update -- [--key 私钥文件] [--notes 更新内容] [--days N] [目录]
为目录（缺省 dist）中的安装包写出 maqiao-update.txt 与签名；私钥不存在时新建。`,
  dist: `用法：npm run dist -- [--win|--linux] [electron-builder 的其他参数]
制作安装包。需要 Electron 的程序（ELECTRON_MIRROR）和能取得 electron-builder 的 npm 源。`,
  build: `用法：npm run build -- [--if-stale] [--clean]
构建到 out/。--if-stale 只构建有改动的，--clean 删去旧构建留下的文件。`,
  'test-electron': `用法：npm run test:electron
在真正的 Electron 中运行外壳的测试；没有安装 Electron 或没有图形界面时说明原因，退出码 0。`,
}

/** Prints how a command is used, and exits 0, if the arguments ask for it. */
export function helpIfAsked(name, args = process.argv.slice(2)) {
  const end = args.indexOf('--')
  if (!(end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')) return
  process.stdout.write(`${TEXTS[name]}\n`)
  process.exit(0)
}

/** The commands that have one. */
export const COMMANDS = Object.keys(TEXTS)
