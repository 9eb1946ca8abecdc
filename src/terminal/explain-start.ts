/** Why a terminal did not start: lines for standard error, and the exit code. */
import { SettingsError } from '../agent/settings-file.ts'
import { OutboxError } from '../outbox/outbox.ts'

/** sysexits.h: EX_CONFIG. */
const EXIT_CONFIG = 78

/** One line for each fault and nothing else; a value from the settings is never repeated. */
export function explainStart(error: unknown): { lines: string[]; exitCode: number } {
  if (error instanceof SettingsError) {
    return { lines: error.faults.map(({ path, reason }) => `${path}: ${reason}`), exitCode: EXIT_CONFIG }
  }
  return { lines: [lineFor(error)], exitCode: 1 }
}

function lineFor(error: unknown): string {
  if (error instanceof OutboxError) return `${error.code}: ${error.message}。${error.advice}`
  const { code, message, syscall, port, path } = error as NodeJS.ErrnoException & { port?: number }
  if (syscall === 'listen' && port !== undefined) {
    const fault = PORT_FAULTS[code ?? '']
    if (fault) return fault(port)
  }
  // To make a folder with all above it fails in these ways only where the drive (D:, a share, a card) is not there.
  if (syscall === 'mkdir' && STARTUP_FAULTS[code ?? ''] === undefined) {
    return `DATA_DIR_MISSING: 数据目录 ${path ?? ''} 所在的磁盘不存在或不可用（${code}）。请检查盘符与网络盘，或用 --data-dir 指定别的目录。`
  }
  return STARTUP_FAULTS[code ?? ''] ?? `START_FAILED: 码桥没有启动（${code ?? message}）。请把这一行交给信息科。`
}

/** Either of two ports may be meant, so its number is said. */
const PORT_FAULTS: Record<string, (port: number) => string> = {
  EADDRINUSE: (port) =>
    `PORT_IN_USE: 端口 ${port} 已被占用。请关闭占用它的程序（另一个码桥正在运行时，npm run open 给出它的打开地址），或用 --port 换一个（0：任取空闲端口），长期则在设置 api.port（泉州入站为 platforms.quanzhou.inbound.listen）中换一个端口。`,
  EACCES: (port) =>
    `PORT_NOT_ALLOWED: 没有权限使用端口 ${port}。请在设置 api.port（泉州入站为 platforms.quanzhou.inbound.listen）中换一个 1024 以上的端口。`,
}

const STARTUP_FAULTS: Record<string, string> = {
  EADDRNOTAVAIL: 'HOST_NOT_AVAILABLE: 本机没有设置 api.host 中的地址。请改为 127.0.0.1。',
  EACCES: 'DATA_DIR_NOT_WRITABLE: 数据目录不能写入。请检查权限，或用 --data-dir 指定别的目录。',
  EPERM: 'DATA_DIR_NOT_WRITABLE: 数据目录不能写入。请检查权限，或用 --data-dir 指定别的目录。',
  EROFS: 'DATA_DIR_NOT_WRITABLE: 数据目录所在磁盘是只读的。请用 --data-dir 指定别的目录。',
  ENOTDIR: 'DATA_DIR_NOT_WRITABLE: 数据目录的路径上有一个文件。请用 --data-dir 指定别的目录。',
  EEXIST: 'DATA_DIR_NOT_WRITABLE: 数据目录的名字已是一个文件。请用 --data-dir 指定别的目录。',
  ENOSPC: 'DISK_FULL: 磁盘已满，码桥没有启动。请清理磁盘。',
}
