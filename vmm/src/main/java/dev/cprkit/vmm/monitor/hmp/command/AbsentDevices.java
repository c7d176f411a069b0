package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.vmm.monitor.hmp.HmpCommand;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;

/**
 * Commands for what this machine does not have: disks, displays, network cards, sound, other hypervisors. Each answers as
 * QEMU's monitor does on a machine without it, so that a script that asks goes on.
 *
 * <p>A table: name, syntax, parameters as help shows them, help, answer. In the answer {@code {name}} is the parameter of
 * that name.
 */
public final class AbsentDevices {
    private static final String NO_DEVICE = "Error: Device '{device}' not found\n";
    private static final String NO_NODE = "Error: Cannot find device='{device}' nor node-name='{device}'\n";
    private static final String NO_JOB = "Error: Block job '{device}' not found\n";
    private static final String NO_SNAPSHOTS = "Error: no block device can store vmstate for snapshot\n";
    private static final String NO_BALLOON = "Error: No balloon device has been activated\n";
    private static final String NO_XEN = "XEN emulation is not available in this QEMU\n";
    private static final String NO_LIMIT =
            "Error: dirty page limit feature requires KVM with accelerator property 'dirty-ring-size' set'\n";
    private static final String NO_REPLAY = " is allowed only in play mode\n";

    private AbsentDevices() {}

    /** Adds the commands. */
    public static void register(HmpRegistry registry) {
        disks(registry);
        snapshots(registry);
        diskServers(registry);
        network(registry);
        console(registry);
        hypervisors(registry);
    }

    private static void disks(HmpRegistry to) {
        add(to, "block_job_cancel", "force:-f,device:B", "[-f] device", "stop a disk's background job", NO_JOB);
        add(to, "block_job_complete", "device:B", "device", "let a disk's background job finish", NO_JOB);
        add(to, "block_job_pause", "device:B", "device", "hold a disk's background job", NO_JOB);
        add(to, "block_job_resume", "device:B", "device", "let a disk's background job go on", NO_JOB);
        add(to, "block_job_set_speed", "device:B,speed:o", "device speed", "limit a background job's speed", NO_JOB);
        add(
                to,
                "block_resize",
                "device:B,size:o",
                "device size",
                "change a disk's size",
                "Error: Cannot find device='{device}' nor node-name=''\n");
        add(
                to,
                "block_set_io_throttle",
                "device:B,bps:l,bps_rd:l,bps_wr:l,iops:l,iops_rd:l,iops_wr:l",
                "device bps bps_rd bps_wr iops iops_rd iops_wr",
                "limit a disk's traffic",
                NO_DEVICE);
        add(
                to,
                "block_stream",
                "device:B,speed:o?,base:s?",
                "device [speed [base]]",
                "copy a disk's backing file into it",
                NO_NODE);
        add(
                to,
                "change",
                "device:B,force:-f,target:F,arg:s?,read-only-mode:s?",
                "device [-f] filename [format [read-only-mode]]",
                "change a removable medium",
                NO_DEVICE);
        to.add(HmpCommand.of(
                "commit",
                "device:B",
                "device|all",
                "write a disk's changes into its backing file",
                (out, arguments) -> {
                    if (!arguments.string("device").equals("all")) {
                        out.print(arguments.fill(NO_DEVICE));
                    }
                }));
        add(
                to,
                "drive_add",
                "node:-n,pci_addr:s,opts:s",
                "[-n] [[<domain>:]<bus>:]<slot] [file=file][,if=type]...",
                "add a drive",
                "Error: a drive cannot be added: this machine has no disk controllers\n");
        add(
                to,
                "drive_backup",
                "reuse:-n,full:-f,compress:-c,device:B,target:s,format:s?",
                "[-n] [-f] [-c] device target [format]",
                "back a disk up to a file",
                NO_NODE);
        add(to, "drive_del", "device:B", "device", "remove a drive", NO_DEVICE);
        add(
                to,
                "drive_mirror",
                "reuse:-n,full:-f,device:B,target:s,format:s?",
                "[-n] [-f] device target [format]",
                "mirror a disk to a file",
                NO_NODE);
        add(to, "eject", "force:-f,device:B", "[-f] device", "eject a removable medium", NO_DEVICE);
        add(
                to,
                "qemu-io",
                "qdev:-d,device:B,command:s",
                "[-d] [device] \"[command]\"",
                "run a qemu-io command on a disk",
                "Error: Cannot find device='' nor node-name='{device}'\n");
        info(to, "block", "nodes:-n,verbose:-v,device:B?", "[-n] [-v] [device]", "show the disks", "");
        info(to, "block-jobs", "", "", "show the disks' background jobs", "No active jobs\n");
        info(to, "blockstats", "", "", "show the disks' statistics", "");
    }

    private static void snapshots(HmpRegistry to) {
        add(to, "delvm", "name:s", "tag", "delete a snapshot of the machine", "");
        add(to, "loadvm", "name:s", "tag", "go back to a snapshot of the machine", NO_SNAPSHOTS);
        add(to, "savevm", "name:s?", "tag", "save a snapshot of the machine on its disks", NO_SNAPSHOTS);
        add(
                to,
                "snapshot_blkdev",
                "reuse:-n,device:B,snapshot-file:s?,format:s?",
                "[-n] device [new-image-file] [format]",
                "go on in a new file on top of a disk's",
                "Error: Cannot find device='{device}' nor node-name=''\n");
        add(
                to,
                "snapshot_blkdev_internal",
                "device:B,name:s",
                "device name",
                "take a snapshot inside a disk's file",
                NO_NODE);
        add(
                to,
                "snapshot_delete_blkdev_internal",
                "device:B,name:s,id:s?",
                "device name [id]",
                "delete a snapshot inside a disk's file",
                NO_NODE);
        info(to, "snapshots", "", "", "show the machine's snapshots", NO_SNAPSHOTS);
    }

    private static void diskServers(HmpRegistry to) {
        add(to, "nbd_server_add", "writable:-w,device:B,name:s?", "[-w] device [name]", "serve a disk by NBD", NO_NODE);
        add(
                to,
                "nbd_server_remove",
                "force:-f,name:s",
                "[-f] name",
                "stop serving a disk by NBD",
                "Error: Export '{name}' is not found\n");
        add(
                to,
                "nbd_server_start",
                "all:-a,writable:-w,uri:s",
                "[-a] [-w] host:port",
                "begin to serve disks by NBD",
                "Error: this machine has no disks to serve\n");
        add(to, "nbd_server_stop", "", "", "stop the NBD server", "Error: NBD server not running\n");
    }

    private static void network(HmpRegistry to) {
        add(to, "announce_self", "interfaces:s?,id:s?", "[interfaces] [id]", "announce the network cards", "");
        add(
                to,
                "hostfwd_add",
                "arg1:s,arg2:s?",
                "[netdev_id] [tcp|udp|unix]:[[hostaddr]:hostport|hostpath]-[guestaddr]:guestport",
                "lead a port of the host to the guest",
                "user mode network stack not in use\n");
        add(
                to,
                "hostfwd_remove",
                "arg1:s,arg2:s?",
                "[netdev_id] [tcp|udp]:[hostaddr]:hostport",
                "stop leading a port to the guest",
                "user mode network stack not in use\n");
        add(
                to,
                "set_link",
                "device:s,up:b",
                "name on|off",
                "plug a network cable in or out",
                "Error: Device '{device}' not found\n");
        info(to, "network", "", "", "show the network", "");
        info(to, "usernet", "", "", "show the connections of the user network", "");
        info(to, "rocker", "name:s", "name", "show a rocker switch", "Error: rocker {name} not found\n");
        info(
                to,
                "rocker-of-dpa-flows",
                "name:s,tbl_id:i?",
                "name [tbl_id]",
                "show a rocker switch's flows",
                "Error: rocker {name} not found\n");
        info(
                to,
                "rocker-of-dpa-groups",
                "name:s,type:i?",
                "name [type]",
                "show a rocker switch's groups",
                "Error: rocker {name} not found\n");
        info(to, "rocker-ports", "name:s", "name", "show a rocker switch's ports", "Error: rocker {name} not found\n");
    }

    private static void console(HmpRegistry to) {
        add(
                to,
                "client_migrate_info",
                "protocol:s,hostname:s,port:i?,tls-port:i?,cert-subject:s?",
                "protocol hostname port tls-port cert-subject",
                "tell a remote display where the machine goes",
                "Error: SPICE is not in use\n");
        add(
                to,
                "expire_password",
                "protocol:s,time:s,display:-ds",
                "protocol time [-d display]",
                "set when a display's password ends",
                "Error: Could not set password expire time\n");
        add(to, "mouse_button", "button_state:i", "state", "press mouse buttons (1 left, 2 right, 4 middle)", "");
        add(to, "mouse_move", "dx_str:s,dy_str:s,dz_str:s?", "dx dy [dz]", "move the mouse", "");
        add(
                to,
                "mouse_set",
                "index:i",
                "index",
                "choose the mouse that is moved",
                "Error: Mouse at index '{index}' not found\n");
        add(
                to,
                "screendump",
                "filename:F,format:-fs,device:s?,head:i?",
                "filename [-f format] [device [head]]",
                "save the screen as an image",
                "Error: There is no console to take a screendump from\n");
        add(
                to,
                "set_password",
                "protocol:s,password:s,display:-ds,connected:s?",
                "protocol password [-d display] [action-if-connected]",
                "set a display's password",
                "Error: No VNC display is present\nTo enable it, use '-vnc ...'");
        add(
                to,
                "stopcapture",
                "n:i",
                "capture index",
                "stop recording sound (deprecated)",
                "warning: 'stopcapture' is deprecated since v10.2, to be removed\n");
        add(
                to,
                "wavcapture",
                "path:F,audiodev:s,freq:i?,bits:i?,nchannels:i?",
                "path audiodev [frequency [bits [channels]]]",
                "record sound to a file (deprecated)",
                "warning: 'wavcapture' is deprecated since v10.2, to be removed\naudiodev '{audiodev}' not found\n");
        add(to, "sendkey", "keys:s,hold-time:i?", "keys [hold_ms]", "press keys", "");
        info(
                to,
                "capture",
                "",
                "",
                "show sound recordings (deprecated)",
                "warning: 'info capture' is deprecated since v10.2, to be removed\n");
        info(to, "mice", "", "", "show which mouse is moved", "No mouse devices connected\n");
        info(to, "spice", "", "", "show the spice server", "Server: disabled\n");
        info(to, "usb", "", "", "show the guest's USB devices", "Error: USB support not enabled\n");
        info(to, "usbhost", "", "", "show the host's USB devices", "Command \"info usbhost\" is not available.\n");
        info(to, "vnc", "", "", "show the vnc server", "None\n");
    }

    private static void hypervisors(HmpRegistry to) {
        add(to, "balloon", "value:M", "target", "ask the guest to change its memory, in MB", NO_BALLOON);
        add(
                to,
                "boot_set",
                "bootdevice:s",
                "bootdevice",
                "change what is booted from",
                "no function defined to set boot device list for this architecture\n");
        add(
                to,
                "cancel_vcpu_dirty_limit",
                "cpu_index:l?",
                "[cpu_index]",
                "end the limit of a vCPU's dirty pages",
                "[Please use 'info vcpu_dirty_limit' to query dirty limit for virtual CPU]\n");
        add(
                to,
                "exit_preconfig",
                "",
                "",
                "go on after -preconfig",
                "Error: The command is permitted only before machine initialization\n");
        add(to, "nmi", "", "", "inject an NMI", "Error: machine does not provide NMIs\n");
        add(
                to,
                "pcie_aer_inject_error",
                "advisory_non_fatal:-a,correctable:-c,id:s,error_status:s,header0:i?,header1:i?,header2:i?,header3:i?,"
                        + "prefix0:i?,prefix1:i?,prefix2:i?,prefix3:i?",
                "[-a] [-c] id <error_status> [<tlp header> [<tlp header prefix>]]",
                "inject a PCIe error",
                "Error: device '{id}' not found\n");
        add(to, "replay_break", "icount:l", "icount", "stop a replay there", "setting the breakpoint" + NO_REPLAY);
        add(
                to,
                "replay_delete_break",
                "",
                "",
                "remove the breakpoint of a replay",
                "replay breakpoints are allowed only in play mode\n");
        add(to, "replay_seek", "icount:l", "icount", "replay to there", "replay must be enabled to seek\n");
        add(
                to,
                "set_vcpu_dirty_limit",
                "dirty_rate:l,cpu_index:l?",
                "dirty_rate [cpu_index]",
                "limit a vCPU's dirty pages",
                NO_LIMIT);
        add(
                to,
                "x_colo_lost_heartbeat",
                "",
                "",
                "tell COLO that the other side is lost",
                "Error: VM is not in COLO mode\n");
        add(to, "xen-event-inject", "port:i", "port", "inject an event channel", NO_XEN);
        add(to, "xen-event-list", "", "", "list event channels", NO_XEN);
        info(to, "balloon", "", "", "show the balloon", NO_BALLOON);
        info(to, "cryptodev", "", "", "show the crypto devices", "");
        info(to, "dump", "", "", "show how the last dump of the guest went", "Status: none\n");
        info(
                to,
                "firmware-log",
                "max-size:o?",
                "[max-size]",
                "show the firmware's log",
                "Error: firmware log buffer not found\n");
        info(
                to,
                "hotpluggable-cpus",
                "",
                "",
                "show the CPUs that can be plugged",
                "Error: machine does not support hot-plugging CPUs\n");
        info(to, "iothreads", "", "", "show the I/O threads", "");
        info(to, "irq", "", "", "show interrupt statistics", "");
        info(to, "kvm", "", "", "show whether KVM is used", "kvm support: not compiled\n");
        info(to, "memory-devices", "", "", "show the memory devices", "");
        info(to, "numa", "", "", "show the NUMA nodes", "0 nodes\n");
        info(to, "pci", "", "", "show the PCI devices", "");
        info(to, "pic", "", "", "show the interrupt controllers", "");
        info(to, "replay", "", "", "show record and replay", "Record/replay is not active\n");
        info(to, "tpm", "", "", "show the TPM device", "");
        info(
                to,
                "vcpu_dirty_limit",
                "",
                "",
                "show the limits of vCPUs' dirty pages",
                "Dirty page limit not enabled!\n");
        info(to, "via", "", "", "show VIA devices", "MOS6522 VIA is not available in this QEMU\n");
        info(
                to,
                "vm-generation-id",
                "",
                "",
                "show the machine's generation id",
                "Error: VM Generation ID device not found\n");
    }

    private static void add(
            HmpRegistry registry, String name, String syntax, String params, String help, String answer) {
        registry.add(command(name, syntax, params, help, answer));
    }

    private static void info(
            HmpRegistry registry, String name, String syntax, String params, String help, String answer) {
        registry.addInfo(command(name, syntax, params, help, answer));
    }

    private static HmpCommand command(String name, String syntax, String params, String help, String answer) {
        return HmpCommand.of(name, syntax, params, help, (out, arguments) -> out.print(arguments.fill(answer)));
    }
}
