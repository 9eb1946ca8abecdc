#!/bin/sh
# Installs the newest MaQiao package from the hospital's own file server. Run by root, from cron or a timer.
# Usage: maqiao-update.sh http://FILESERVER/maqiao   (the folder that `npm run dist` filled: latest-linux*.yml and the .deb files)
# Exit: 0 up to date or installed, 1 the server or its file is wrong: nothing was changed.
set -eu
url=${1:?usage: maqiao-update.sh URL}
arch=$(dpkg --print-architecture)
case $arch in
  amd64) channel=latest-linux.yml ;;
  arm64) channel=latest-linux-arm64.yml ;;
  *) echo "no package for $arch 没有适用于 $arch 的安装包" >&2; exit 1 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$1" >&2; exit 1; }

curl -fsS --max-time 30 -o "$work/channel" "$url/$channel" || fail "$url/$channel cannot be read 无法读取更新信息"
version=$(sed -n 's/^version: *//p' "$work/channel" | tr -d "\"'\r")
# `files:` lists `- url: NAME` with its `sha512:` on a line below.
entry=$(awk '/^ *- url:/ {name=$3} /^ +sha512:/ {if (name ~ /\.deb$/) print name, $2}' "$work/channel" | tr -d "\"'\r" | head -n 1)
file=${entry%% *}
wanted=${entry#* }
[ -n "$version" ] && [ -n "$file" ] && [ "$wanted" != "$file" ] || fail "$url/$channel names no package 更新信息不完整"
case $file in */*) fail "$file: not a plain name 文件名不合法" ;; esac

installed=$(dpkg-query -W -f '${Version}' maqiao 2>/dev/null || true)
if [ -n "$installed" ] && dpkg --compare-versions "$installed" ge "$version"; then
  echo "up to date: $installed 已是最新版本"
  exit 0
fi
curl -fsS --max-time 1800 -o "$work/$file" "$url/$file" || fail "$url/$file cannot be fetched 无法下载安装包"
[ "$(openssl dgst -sha512 -binary "$work/$file" | base64 -w0)" = "$wanted" ] || fail "$file: wrong checksum, not installed 校验不符，未安装"
# Settings, outbox and key lie in the data directory, which no package touches.
dpkg -i "$work/$file"
echo "installed: $version, in use from the next start 已安装，下次启动时生效"
