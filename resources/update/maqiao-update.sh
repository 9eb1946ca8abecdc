#!/bin/sh
# Installs the newest MaQiao from the hospital's own file server, or goes back to the version before. Run by root.
# Usage: maqiao-update.sh [install|look|back] [CONFIG]        CONFIG: /etc/maqiao/update.conf, lines NAME=VALUE:
#   FROM        http(s) address or folder with maqiao-update.txt, its .sig and the packages
#   PUBLIC_KEY  base64 of the maker's P-256 public key, as in the setting update.publicKey
#   HEALTH      asked after a restart; http://127.0.0.1:9700/api/v1/health unless given
# Exit: 0 installed, gone back or up to date; 1 nothing was changed, or the version before runs again.
set -eu
umask 022
what=${1:-install}
config=${2:-/etc/maqiao/update.conf}
home=${MAQIAO_HOME:-/opt/maqiao}
kept=${MAQIAO_KEPT:-/var/lib/maqiao-update}
run=${MAQIAO_RUN:-/run/maqiao-update}
wait_s=${MAQIAO_WAIT_S:-60}

mkdir -p "$kept"
# Read by the terminal, which shows it to technicians.
tell() { echo "$1"; echo "$(date '+%Y-%m-%d %H:%M') $1" > "$kept/result"; }
fail() { tell "$1" >&2; exit 1; }
rm -f "$run/install"
[ -r "$config" ] || fail "$config cannot be read 读不到更新配置"
value() { sed -n "s/^$1=//p" "$config" | head -n 1; }
from=$(value FROM)
key=$(value PUBLIC_KEY)
health=$(value HEALTH)
health=${health:-http://127.0.0.1:9700/api/v1/health}

case $(uname -m) in
  x86_64) system=linux-x64 ;;
  aarch64) system=linux-arm64 ;;
  *) fail "no package for $(uname -m) 没有适用于 $(uname -m) 的安装包" ;;
esac
if [ -n "$(dpkg-query -W -f '${Version}' maqiao 2>/dev/null || true)" ]; then
  kind=deb
  installed=$(dpkg-query -W -f '${Version}' maqiao)
else
  kind=bundle
  installed=$(sed -n 's/^ *"version": *"\([0-9.]*\)".*/\1/p' "$home/package.json" 2>/dev/null | head -n 1)
  [ -n "$installed" ] || fail "no MaQiao in $home $home 中没有码桥"
fi

serves() { systemctl is-enabled --quiet maqiao 2>/dev/null || systemctl is-active --quiet maqiao 2>/dev/null; }
# Whether it answers after a restart; where no service runs it, the next start uses it.
restarted() {
  serves || return 0
  systemctl restart maqiao || return 1
  n=0
  while [ "$n" -lt "$wait_s" ]; do
    if curl -fsS --max-time 2 -o /dev/null "$health" 2>/dev/null; then return 0; fi
    sleep 1
    n=$((n + 1))
  done
  return 1
}
go_back() {
  if [ "$kind" = deb ]; then
    [ -f "$kept/previous.deb" ] || return 1
    dpkg -i --force-downgrade "$kept/previous.deb" > /dev/null && mv "$kept/previous.deb" "$kept/current.deb"
  else
    [ -d "$home.previous" ] || return 1
    rm -rf "$home.failed" && mv "$home" "$home.failed" && mv "$home.previous" "$home"
  fi
}
if [ "$what" = back ]; then
  go_back || fail "no version before is kept 没有保存的旧版"
  restarted || fail "went back, but it does not answer 已退回旧版，但没有应答"
  tell "went back 已退回旧版"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
get() { # NAME SECONDS
  case $from in
    http://* | https://*) curl -fsS --max-time "$2" -o "$work/$1" "${from%/}/$1" 2>/dev/null ;;
    *) cp "$from/$1" "$work/$1" 2>/dev/null ;;
  esac
}
get maqiao-update.txt 30 && get maqiao-update.txt.sig 30 || fail "$from: no list 读不到更新清单"
{ echo '-----BEGIN PUBLIC KEY-----'; echo "$key" | fold -w 64; echo '-----END PUBLIC KEY-----'; } > "$work/key.pem"
base64 -d "$work/maqiao-update.txt.sig" > "$work/sig" 2>/dev/null || true
openssl dgst -sha256 -verify "$work/key.pem" -signature "$work/sig" "$work/maqiao-update.txt" > /dev/null 2>&1 ||
  fail "the list is not signed by the maker 更新清单的签名不对，未安装"

list=$work/maqiao-update.txt
version=$(sed -n 's/^version //p' "$list" | head -n 1)
case $version in '' | *[!0-9.]*) fail "the list names no version 更新清单不完整" ;; esac
newest=$(printf '%s\n%s\n' "$installed" "$version" | sort -V | tail -n 1)
if [ "$version" = "$installed" ] || [ "$newest" = "$installed" ]; then
  echo "up to date: $installed 已是最新版本"
  exit 0
fi
set -- $(awk -v s="$system" -v k="$kind" '$1 == "package" && $2 == s && $3 == k { print $4, $6; exit }' "$list")
[ $# -eq 2 ] || fail "no package for $system $kind 没有适合本机的安装包"
name=$1
wanted=$2
case $name in */* | .*) fail "$name: not a plain name 文件名不合法" ;; esac
if [ "$what" = look ]; then
  echo "newer: $version 有新版本"
  exit 0
fi
get "$name" 1800 || fail "$name cannot be fetched 无法下载安装包"
[ "$(openssl dgst -sha512 -binary "$work/$name" | base64 | tr -d '\n')" = "$wanted" ] || fail "$name: wrong checksum, not installed 校验不符，未安装"

# Settings, outbox and key lie in the data directory, which nothing here touches.
if [ "$kind" = deb ]; then
  [ -f "$kept/current.deb" ] && cp "$kept/current.deb" "$kept/previous.deb"
  dpkg -i "$work/$name" > /dev/null || fail "$name: dpkg refused it 安装失败"
  cp "$work/$name" "$kept/current.deb"
else
  rm -rf "$home.new" && mkdir -p "$home.new"
  tar -xzf "$work/$name" -C "$home.new" --no-same-owner || fail "$name cannot be unpacked 无法解开"
  [ -f "$home.new/out/terminal/start.js" ] || fail "$name is not a MaQiao bundle 不是码桥的整包"
  rm -rf "$home.previous" && mv "$home" "$home.previous" && mv "$home.new" "$home"
fi
if restarted; then
  tell "installed $version 已安装 $version"
  exit 0
fi
if go_back && restarted; then fail "$version did not start, $installed runs again $version 没有起来，已退回 $installed"; fi
fail "$version did not start and there is no way back $version 没有起来，也没有旧版可退：请联系支持"
