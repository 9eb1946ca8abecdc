#!/bin/sh
# A composite USB scanner, HID POS and serial (CDC ACM), on the kernel's own dummy host controller.
# gadget.sh plug DESCRIPTOR_FILE | unplug | replug; /dev/hidg0 and /dev/ttyGS0 are the scanner's end.
gadget=/sys/kernel/config/usb_gadget/lab
case $1 in
plug)
  modprobe dummy_hcd
  modprobe libcomposite
  modprobe usb_f_hid
  modprobe usb_f_acm
  mountpoint -q /sys/kernel/config || mount -t configfs cfg /sys/kernel/config
  mkdir $gadget
  cd $gadget || exit 1
  echo 0x1209 > idVendor
  echo 0x8c03 > idProduct
  echo 0x0200 > bcdUSB
  mkdir strings/0x409
  echo "Lab Scanner Works" > strings/0x409/manufacturer
  echo "POS scanner, composite" > strings/0x409/product
  echo GADGET01 > strings/0x409/serialnumber
  mkdir functions/hid.0
  echo 0 > functions/hid.0/protocol
  echo 0 > functions/hid.0/subclass
  echo 64 > functions/hid.0/report_length
  cat "$2" > functions/hid.0/report_desc
  mkdir functions/acm.0 configs/c.1
  ln -s functions/hid.0 configs/c.1
  ln -s functions/acm.0 configs/c.1
  ls /sys/class/udc | head -1 > UDC
  ;;
unplug) echo > $gadget/UDC ;;
replug) ls /sys/class/udc | head -1 > $gadget/UDC ;;
esac
