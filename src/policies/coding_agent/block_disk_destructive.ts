// Disks and devices are not written over.
import * as z from 'zod'
import { commandTable, definePolicy, deny, judgeTool, quoted } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'mkfs|mkfs.ext4|mkfs.ext3|mkfs.ext2|mkfs.xfs|mkfs.btrfs|mkfs.vfat|mkfs.fat|mkfs.ntfs|mke2fs|mkswap|newfs *':
    'makes a new file system over what is there',
  'wipefs --all/-a': 'makes a disk unreadable',
  'wipefs --force/-f': 'makes a disk unreadable',
  'blkdiscard|hdparm|nvme|sg_format *dev*': 'throws the contents of a disk away',
  'nvme format|sanitize': 'throws the contents of a disk away',
  'fdisk|sfdisk|cfdisk|gdisk|sgdisk|parted !-l !--list !-p !--print *dev*': 'changes the partitions of a disk',
  'sgdisk --zap-all': 'changes the partitions of a disk',
  'diskutil eraseDisk|eraseVolume|zeroDisk|secureErase|partitionDisk|reformat|randomDisk': 'erases a disk',
  'diskutil apfs deleteContainer|deleteVolume|eraseVolume': 'erases a disk',
  'format|format.com *:*': 'erases a disk',
  'diskpart|clear-disk|format-volume|initialize-disk': 'erases a disk',
  'shutdown|poweroff|halt|reboot': 'stops the machine',
  'init|telinit 0|6': 'stops the machine',
  'systemctl poweroff|reboot|halt|kexec|emergency|rescue': 'stops the machine',
  'systemctl stop|disable firewalld|ufw|auditd|apparmor|falcon-sensor|osqueryd': 'takes protection of the system away',
  'systemctl mask|isolate': 'takes services out of use',
  'ufw disable|reset': 'takes the firewall away',
  'iptables|ip6tables|nft --flush/-F': 'takes the firewall away',
  'iptables|ip6tables -F': 'takes the firewall away',
  'nft flush': 'takes the firewall away',
  'setenforce 0': 'takes protection of the system away',
  'csrutil|spctl disable|--master-disable': 'takes protection of the system away',
  'swapoff --all/-a': 'takes the swap away',
  'crontab -r': 'deletes every scheduled job',
  'kill -9 -1': 'ends every process',
  'kill -9 1': 'ends every process',
  'kill -KILL 1': 'ends every process',
  killall5: 'ends every process',
  'pkill -u root': 'ends the processes of the system'
})
const REMEDY = 'ask a person, and name the disk'

/** Denies writing over disks and devices (`dd of=/dev/…`, `mkfs`, `> /dev/sda`, `shred /dev/…`), partitions, and stopping or opening up the machine. */
export const blockDiskDestructive = definePolicy({
  id: 'block_disk_destructive',
  title: 'No writing over disks',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      (reading) => {
        const device = reading.files.find(({ act, path }) => (act === 'write' || act === 'delete' || act === 'move') && isDevice(path))
        if (device !== undefined)
          return deny(`${quoted(device.path)} is a device, and writing over it loses what it holds`, { remedy: REMEDY })
        return foundIn(TABLE, REMEDY)(reading)
      },
      'no disk is written over'
    )
})

function isDevice(path: string): boolean {
  return /^\/dev\/(?:r?disk|sd|hd|vd|xvd|nvme|mmcblk|loop|md|dm-|mapper\/|mem|kmem|port|sg|root)/.test(path.replaceAll(/\/+/g, '/'))
}
