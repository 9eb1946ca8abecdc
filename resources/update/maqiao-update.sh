#!/bin/sh
# Installs the newest MaQiao from the hospital's own file server, or goes back to the version before. Run by root.
# Usage: maqiao-update.sh [install|look|back] [CONFIG]        CONFIG: /etc/maqiao/update.conf, lines NAME=VALUE:
#   FROM        http(s) address or folder with maqiao-update.txt, its .sig and the packages
#   PUBLIC_KEY  base64 of the maker's P-256 public key, as in the setting update.publicKey
#   DATA        the service's data directory, whose running.json says which process is ready; /var/lib/maqiao unless given
#   HEALTH      asked after a restart where that file is not written; http://127.0.0.1:9700/api/v1/health unless given
# Every end is written to /var/lib/maqiao-update/result. Exit: 0 installed, gone back or up to date; 1 nothing was changed, or the version before runs again.
set -eu
umask 022
what=${1:-install}
config=${2:-/etc/maqiao/update.conf}
home=${MAQIAO_HOME:-/opt/maqiao}
kept=${MAQIAO_KEPT:-/var/lib/maqiao-update}
run=${MAQIAO_RUN:-/run/maqiao-update}
wait_s=${MAQIAO_WAIT_S:-60}
# Bytes: a list is short, and no package is larger.
most_list=262144
most_package=1073741824

work=
said=
step=start
# Read by the terminal, which shows it to technicians.
tell() { said=1; echo "$1"; echo "$(date '+%Y-%m-%d %H:%M') $1" > "$kept/result"; }
fail() { tell "$1" >&2; exit 1; }
# Whatever ends it is told: a technician waits for the word.
ended() {
  status=$?
  trap - EXIT
  [ -z "$work" ] || rm -rf "$work"
  [ -n "$said" ] || tell "ended at \"$step\" ($status) 在“$step”一步意外结束，未完成：请查看 journalctl -u maqiao-update" >&2 || true
  exit "$status"
}
trap ended EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$kept"
step=request
# A folder under this name would otherwise stay, and systemd would start this for ever.
rm -rf -- "$run/install"
step=configuration
[ -r "$config" ] || fail "$config cannot be read 读不到更新配置"
value() { sed -n "s/^$1=//p" "$config" | head -n 1; }
from=$(value FROM)
key=$(value PUBLIC_KEY)
health=$(value HEALTH)
health=${health:-http://127.0.0.1:9700/api/v1/health}
data=$(value DATA)
data=${data:-/var/lib/maqiao}

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

step=service
serves() { systemctl is-enabled --quiet maqiao 2>/dev/null || systemctl is-active --quiet maqiao 2>/dev/null; }
# The process that systemd started has said on disk that it is ready: a flood of requests cannot keep it from that.
ready() {
  main=$(systemctl show -p MainPID --value maqiao 2>/dev/null || true)
  pid=$(timeout 2 sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "$data/running.json" 2>/dev/null | head -n 1)
  [ -n "$pid" ] && [ "$main" = "$pid" ]
}
# For versions that write no such file. 429: it is there, and somebody floods it.
answers() {
  case $(curl -s --max-time 2 -o /dev/null -w '%{http_code}' "$health" 2>/dev/null || true) in 200 | 429) return 0 ;; esac
  return 1
}
# Whether it is there after a restart; where no service runs it, the next start uses it.
restarted() {
  serves || return 0
  systemctl restart maqiao || return 1
  n=0
  while [ "$n" -lt "$wait_s" ]; do
    if ready || answers; then return 0; fi
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

step=list
work=$(mktemp -d)
get() { # NAME SECONDS BYTES: never more than that, whatever the server sends
  case $from in
    http://* | https://*) curl -fsS --max-time "$2" --max-filesize "$3" "${from%/}/$1" 2>/dev/null | head -c "$(($3 + 1))" > "$work/$1" ;;
    *) [ -f "$from/$1" ] && timeout "$2" head -c "$(($3 + 1))" "$from/$1" > "$work/$1" 2>/dev/null ;;
  esac
  [ -s "$work/$1" ] && [ "$(wc -c < "$work/$1")" -le "$3" ]
}
get maqiao-update.txt 30 $most_list && get maqiao-update.txt.sig 30 $most_list || fail "$from: no list 读不到更新清单"
{ echo '-----BEGIN PUBLIC KEY-----'; echo "$key" | fold -w 64; echo '-----END PUBLIC KEY-----'; } > "$work/key.pem"
base64 -d "$work/maqiao-update.txt.sig" > "$work/sig" 2>/dev/null || true
openssl dgst -sha256 -verify "$work/key.pem" -signature "$work/sig" "$work/maqiao-update.txt" > /dev/null 2>&1 ||
  fail "the list is not signed by the maker 更新清单的签名不对，未安装"

list=$work/maqiao-update.txt
version=$(sed -n 's/^version //p' "$list" | head -n 1)
case $version in '' | *[!0-9.]*) fail "the list names no version 更新清单不完整" ;; esac
date=$(sed -n 's/^date //p' "$list" | head -n 1)
expires=$(sed -n 's/^expires //p' "$list" | head -n 1)
number() { case $1 in [0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]) echo "$1" | tr -d - ;; *) echo 0 ;; esac; }
[ "$(number "$date")" -gt 0 ] || fail "the list has no date 更新清单没有日期"
# Lists that name no end hold for 180 days.
[ -n "$expires" ] || expires=$(date -u -d "$date + 180 days" '+%Y-%m-%d' 2>/dev/null || true)
[ "$(number "$expires")" -ge "$(date -u '+%Y%m%d')" ] ||
  fail "the list has expired ($expires): ask its maker for a new one 更新清单已过期（$expires），未安装：请向制作者要新签的清单，并核对本机日期"
# Whoever puts an older list back would keep this machine on it, or bring a weak version again.
seen_date=$(sed -n 's/ .*//p' "$kept/newest" 2>/dev/null || true)
seen_version=$(sed -n 's/.* //p' "$kept/newest" 2>/dev/null || true)
if [ "$(number "$date")" -lt "$(number "$seen_date")" ] || { [ "$date" = "$seen_date" ] && [ "$(printf '%s\n%s\n' "$seen_version" "$version" | sort -V | tail -n 1)" != "$version" ]; }; then
  fail "the list is older than one seen before ($seen_date $seen_version) 更新清单比以前见过的旧（$seen_date $seen_version），未安装：文件服务器上的清单可能被换掉"
fi
# A date to come would keep out every list until then.
[ "$(number "$date")" -gt "$(date -u -d tomorrow '+%Y%m%d' 2>/dev/null || date -u '+%Y%m%d')" ] || echo "$date $version" > "$kept/newest"
newest=$(printf '%s\n%s\n' "$installed" "$version" | sort -V | tail -n 1)
if [ "$version" = "$installed" ] || [ "$newest" = "$installed" ]; then
  if [ "$what" = look ]; then said=1; echo "up to date: $installed 已是最新版本"; else tell "up to date: $installed 已是最新版本"; fi
  exit 0
fi
set -- $(awk -v s="$system" -v k="$kind" '$1 == "package" && $2 == s && $3 == k { print $4, $5, $6; exit }' "$list")
[ $# -eq 3 ] || fail "no package for $system $kind 没有适合本机的安装包"
name=$1
bytes=$2
wanted=$3
case $name in */* | .* | -* | *[!A-Za-z0-9._+-]*) fail "$name: not a plain name 文件名不合法" ;; esac
case $bytes in '' | *[!0-9]* | ???????????*) fail "$name: no size 清单中没有合理的大小" ;; esac
[ "$bytes" -gt 0 ] && [ "$bytes" -le $most_package ] || fail "$name: no size 清单中没有合理的大小"
if [ "$what" = look ]; then
  said=1
  echo "newer: $version 有新版本"
  exit 0
fi
step=package
get "$name" 1800 "$bytes" && [ "$(wc -c < "$work/$name")" -eq "$bytes" ] || fail "$name cannot be fetched, or is not of the size that the list says 无法下载安装包，或大小与清单不符"
[ "$(openssl dgst -sha512 -binary "$work/$name" | base64 | tr -d '\n')" = "$wanted" ] || fail "$name: wrong checksum, not installed 校验不符，未安装"

step=install
# Settings, outbox and key lie in the data directory, which nothing here touches.
if [ "$kind" = deb ]; then
  [ -f "$kept/current.deb" ] && cp "$kept/current.deb" "$kept/previous.deb"
  dpkg -i "$work/$name" > /dev/null || fail "$name: dpkg refused it 安装失败"
  cp "$work/$name" "$kept/current.deb"
else
  rm -rf "$home.new" && mkdir -p "$home.new"
  tar -xzf "$work/$name" -C "$home.new" --no-same-owner || fail "$name cannot be unpacked 无法解开"
  # A bundle has one folder at its top; the first ones had none.
  if [ ! -d "$home.new/out" ]; then
    top=$(find "$home.new" -mindepth 1 -maxdepth 1 -type d | head -n 1)
    [ -z "$top" ] || { mv "$top" "$home.top" && rm -rf "$home.new" && mv "$home.top" "$home.new"; }
  fi
  [ -f "$home.new/out/terminal/start.js" ] || fail "$name is not a MaQiao bundle 不是码桥的整包"
  rm -rf "$home.previous" && mv "$home" "$home.previous" && mv "$home.new" "$home"
fi
step=restart
if restarted; then
  tell "installed $version 已安装 $version"
  exit 0
fi
if go_back && restarted; then fail "$version did not start, $installed runs again $version 没有起来，已退回 $installed"; fi
fail "$version did not start and there is no way back $version 没有起来，也没有旧版可退：请联系支持"
