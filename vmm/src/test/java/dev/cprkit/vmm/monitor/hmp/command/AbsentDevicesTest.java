package dev.cprkit.vmm.monitor.hmp.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The texts are those of QEMU 11.1 on its virt board without devices. */
class AbsentDevicesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "block_job_cancel -f d ~ Error: Block job 'd' not found;",
                "block_job_set_speed d 1 ~ Error: Block job 'd' not found;",
                "block_resize d 1M ~ Error: Cannot find device='d' nor node-name='';",
                "block_set_io_throttle d 1 1 1 1 1 1 ~ Error: Device 'd' not found;",
                "block_stream d ~ Error: Cannot find device='d' nor node-name='d';",
                "commit all ~ ``",
                "commit d ~ Error: Device 'd' not found;",
                "eject -f d ~ Error: Device 'd' not found;",
                "drive_add 0 if=none ~ Error: a drive cannot be added: this machine has no disk controllers;",
                "drive_del d ~ Error: Device 'd' not found;",
                "drive_del ~ drive_del: block device name expected;Try \"help drive_del\" for more information;",
                "qemu-io d c ~ Error: Cannot find device='' nor node-name='d';",
                "loadvm a ~ Error: no block device can store vmstate for snapshot;",
                "savevm ~ Error: no block device can store vmstate for snapshot;",
                "savevm a b ~ savevm: extraneous characters at the end of line;"
                        + "Try \"help savevm\" for more information;",
                "delvm a ~ ``",
                "nbd_server_remove d ~ Error: Export 'd' is not found;",
                "nbd_server_stop ~ Error: NBD server not running;",
                "set_link n on ~ Error: Device 'n' not found;",
                "set_link n maybe ~ Expected 'on' or 'off';Try \"help set_link\" for more information;",
                "balloon 64 ~ Error: No balloon device has been activated;",
                "mouse_set 2 ~ Error: Mouse at index '2' not found;",
                "screendump f -f png ~ Error: There is no console to take a screendump from;",
                "set_password vnc x -d d keep ~ Error: No VNC display is present;To enable it, use '-vnc ...'",
                "nmi ~ Error: machine does not provide NMIs;",
                "replay_break 1 ~ setting the breakpoint is allowed only in play mode;",
                "pcie_aer_inject_error d COR ~ Error: device 'd' not found;",
                "info block -n -v d ~ ``",
                "info block-jobs ~ No active jobs;",
                "info snapshots ~ Error: no block device can store vmstate for snapshot;",
                "info hotpluggable-cpus ~ Error: machine does not support hot-plugging CPUs;",
                "info kvm ~ kvm support: not compiled;",
                "info mice ~ No mouse devices connected;",
                "info numa ~ 0 nodes;",
                "info rocker r ~ Error: rocker r not found;",
                "info spice ~ Server: disabled;",
                "info usb ~ Error: USB support not enabled;",
                "info usbhost ~ Command \"info usbhost\" is not available.;",
                "info vnc ~ None;",
                "info iothreads ~ ``",
                "info memory-devices ~ ``",
            })
    void answersAsAMachineWithoutThem(String line, String answer) {
        HmpRegistry registry = new HmpRegistry();
        HmpShell shell = new HmpShell(registry);
        AbsentDevices.register(registry);
        StringBuilder out = new StringBuilder();
        shell.run(line, out::append);
        assertThat(out.toString()).isEqualTo(answer.replace(';', '\n'));
    }
}
