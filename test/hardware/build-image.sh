#!/bin/bash
# Builds the machine of `npm run test:hardware`: an emulator, a Debian kernel and a one-file root with this project's Node.
# Packages are downloaded and unpacked under OUT; nothing is installed on this computer. Usage: build-image.sh OUT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
mkdir -p "$1/debs/partial" "$1/kernel-debs"
OUT=$(cd "$1" && pwd)
cd "$OUT"

# 1. The emulator and the guest's udev with all that they need and this computer lacks
[ -e host/.done ] || apt-get update -qq
if [ ! -e host/.done ]; then
  apt-get install -qq -y --reinstall --no-install-recommends --download-only -o Dir::Cache::archives="$OUT/debs" \
    qemu-system-x86 udev libusb-1.0-0 busybox-static >/dev/null
  mkdir -p host
  for deb in debs/*.deb; do dpkg -x "$deb" host; done
  touch host/.done
fi
export LD_LIBRARY_PATH=$OUT/host/usr/lib/x86_64-linux-gnu:$OUT/host/lib/x86_64-linux-gnu
busybox=$OUT/host/bin/busybox

# 2. The kernel, unpacked: qemu starts the plain ELF file by PVH, without the seconds that unpacking takes in emulation
package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -1)
version=${package#linux-image-}
modules=kernel/lib/modules/$version
if [ ! -e "kernel/boot/vmlinuz-$version" ]; then
  (cd kernel-debs && rm -f ./*.deb && apt-get download -qq "$package" 2>/dev/null)
  rm -rf kernel && mkdir kernel
  dpkg -x kernel-debs/linux-image-*.deb kernel
fi
if [ ! -e "vmlinux-$version" ]; then
  at=$(LC_ALL=C grep -abom1 $'\xfd7zXZ' "kernel/boot/vmlinuz-$version" | head -1 | cut -d: -f1)
  tail -c +$((at + 1)) "kernel/boot/vmlinuz-$version" | xz -dcq --single-stream > "vmlinux-$version" 2>/dev/null || true
  [ "$(head -c 4 "vmlinux-$version")" = $'\x7fELF' ] || { echo "the kernel is no xz-packed ELF file" >&2; exit 1; }
fi
ln -sf "vmlinux-$version" vmlinux
[ -e "$modules/modules.dep" ] || "$busybox" depmod -b "$OUT/kernel" "$version" || (cd "$modules" && "$busybox" depmod -b "$OUT/kernel" "$version")

# 3. The guest's root: busybox, udev, Node, their libraries
rm -rf root
mkdir -p root/{bin,lib64,proc,sys,dev,run,tmp,etc,repo,root} root/lib/{modules,udev,systemd} root/lib/udev/rules.d
cp "$busybox" root/bin/busybox
ln -s busybox root/bin/sh
cp -L "$repo/node_modules/node/bin/node" root/bin/node
first() { for file; do [ ! -e "$file" ] || { echo "$file"; return; }; done; }
cp -L "$(first host/usr/bin/udevadm host/bin/udevadm)" root/bin/udevadm
ln -s /bin/udevadm root/lib/systemd/systemd-udevd
for rule in 50-udev-default 60-serial 60-evdev 60-input-id; do
  cp "$(first host/usr/lib/udev/rules.d/$rule.rules host/lib/udev/rules.d/$rule.rules)" root/lib/udev/rules.d/
done
cp "$repo/resources/udev/70-maqiao-scanners.rules" root/lib/udev/rules.d/
printf 'root:x:0:0::/root:/bin/sh\n' > root/etc/passwd
printf '%s\n' root:x:0: tty:x:5: dialout:x:20: input:x:104: video:x:44: audio:x:29: kvm:x:106: \
  disk:x:6: lp:x:7: cdrom:x:24: tape:x:26: kmem:x:15: render:x:105: sgx:x:107: > root/etc/group
{ for binary in root/bin/node root/bin/udevadm $(find "$repo/node_modules/@serialport" "$repo/node_modules/node-hid" -path '*linux-x64*' -name '*.node' ! -name '*musl*'); do
    ldd "$binary" 2>/dev/null
  done; } | grep -o '/[^ ]*' | sort -u | while read -r library; do
  target=root${library#"$OUT/host"}
  mkdir -p "$(dirname "$target")"
  cp -Ln "$library" "$target"
done

# 4. Only the modules asked for, with what they need
wanted="virtio_pci virtio_console 9pnet_virtio 9p xhci_pci usbserial ftdi_sio cdc_acm usbhid hid_generic evdev
        dummy_hcd libcomposite usb_f_hid usb_f_acm"
for module in $wanted; do
  line=$(grep -E "/${module//_/[-_]}\.ko(\.xz)?:" "$modules/modules.dep" || true)
  [ -n "$line" ] || { echo "no module $module" >&2; continue; }
  for file in ${line/:/ }; do
    file=${file#/lib/modules/"$version"/}
    mkdir -p "root/lib/modules/$version/$(dirname "$file")"
    cp -n "$modules/$file" "root/lib/modules/$version/$file"
  done
done
cp "$modules"/modules.{builtin,builtin.modinfo,order} "root/lib/modules/$version/"
"$busybox" depmod -b "$OUT/root" "$version"
install -m755 "$here/guest-init" root/init
(cd root && find . | "$busybox" cpio -o -H newc 2>/dev/null) > root.cpio
sha256sum "$here/build-image.sh" "$here/guest-init" "$repo/resources/udev/70-maqiao-scanners.rules" "$repo/package-lock.json" > built-from
echo "kernel $version, root.cpio $(stat -c %s root.cpio) bytes, $(find root -name '*.ko*' | wc -l) modules"
