package dev.cprkit.vmm.cli;

import static dev.cprkit.vmm.cli.CommandLines.machine;
import static dev.cprkit.vmm.cli.CommandLines.printed;
import static dev.cprkit.vmm.cli.CommandLines.run;
import static dev.cprkit.vmm.cli.CommandLines.words;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.machine.config.BoardConfig;
import dev.cprkit.vmm.machine.config.CpuExtension;
import dev.cprkit.vmm.machine.config.Firmware;
import dev.cprkit.vmm.machine.config.GlobalProperty;
import dev.cprkit.vmm.machine.config.GuestActions;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.machine.config.QtestConfig;
import dev.cprkit.vmm.machine.config.RngConfig;
import dev.cprkit.vmm.machine.config.VirtioRngConfig;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CommandLineTest {
    @Test
    void hasAMachineWithoutAnyOption() throws Exception {
        MachineConfig config = machine();
        assertThat(config.machine())
                .isEqualTo(new BoardConfig("virt", false, Optional.empty(), Optional.empty(), false, true, true, true));
        assertThat(config.ramSize()).isEqualTo(128L << 20);
        assertThat(config.cpu().model()).isEqualTo("rv64");
        assertThat(config.cpu().extensions()).containsExactlyInAnyOrder(CpuExtension.values());
        assertThat(config.boot().firmware()).isEqualTo(new Firmware.BuiltIn());
        assertThat(config.process().startStopped()).isFalse();
        assertThat(config.uuid()).isEmpty();
        assertThat(config.incoming()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "256,268435456",
        "256M,268435456",
        "size=1G,1073741824",
        "1.5G,1610612736",
        "0.5g,536870912",
        "16G,17179869184",
        "1T,1099511627776",
        "8K,8192",
        "4096b,4096",
        "0x40,67108864",
    })
    void readsMemorySizes(String text, long bytes) throws Exception {
        assertThat(machine("-m", text).ramSize()).isEqualTo(bytes);
    }

    @Test
    void mergesRepeatedMemoryOptions() throws Exception {
        assertThat(machine("-m", "256", "-m", "slots=0").ramSize()).isEqualTo(256L << 20);
        assertThat(machine("-m", "256", "-m", "size=64,").ramSize()).isEqualTo(64L << 20);
        assertThat(machine("-m", "256,size=32").ramSize()).isEqualTo(32L << 20);
        assertThat(machine("-M", "virt,memory.size=64M").ramSize()).isEqualTo(64L << 20);
        assertThat(machine("-m", "256,maxmem=256M").ramSize()).isEqualTo(256L << 20);
    }

    @Test
    void takesTheSizeOfTheMemoryBackend() throws Exception {
        MachineConfig config =
                machine("-object", "memory-backend-memfd,id=ram0,size=1G", "-M", "virt,memory-backend=ram0");
        assertThat(config.ramSize()).isEqualTo(1L << 30);
        assertThat(config.machine().memoryBackend()).contains("ram0");
        assertThat(config.backends()).hasSize(1);
    }

    @Test
    void mergesRepeatedMachineOptions() throws Exception {
        MachineConfig config = machine(
                "-M", "virt,aux-ram-share=off,", "-machine", "aux-ram-share=on,dumpdtb=/tmp/a,,b", "--M", "type=virt");
        assertThat(config.machine())
                .isEqualTo(new BoardConfig(
                        "virt", true, Optional.empty(), Optional.of(Path.of("/tmp/a,b")), false, true, true, true));
    }

    @Test
    void acceptsPropertiesThatSayWhatIsSoAnyway() throws Exception {
        machine("-M", "virt,usb=off,acpi=off,aia=none,aclint=off,graphics=off,mem-merge=off,dump-guest-core=off");
        machine("-smp", "1", "-smp", "cpus=1,sockets=1,cores=1,threads=1,maxcpus=1,dies=1");
        machine("-M", "virt,smp.cpus=1");
        machine(words("-vga none -nic none -net none -parallel none -audio none -audio driver=none -no-user-config"));
    }

    @Test
    void switchesExtensionsOff() throws Exception {
        MachineConfig config = machine("-cpu", "max,zba=off,zbb=false,sstc=on,v=off,c=true");
        assertThat(config.cpu().model()).isEqualTo("max");
        assertThat(config.cpu().extensions())
                .containsExactlyInAnyOrder(CpuExtension.ZBS, CpuExtension.SSTC, CpuExtension.SVADU);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-accel tcg|",
                "-accel tcg,thread=single,tb-size=64|",
                "-accel accel=tcg|",
                "-M virt,accel=tcg|",
                "-accel kvm -accel tcg|-accel kvm: invalid accelerator kvm",
                "-accel tcg -accel hvf|-accel hvf: invalid accelerator hvf",
                "-M virt,accel=kvm:tcg|invalid accelerator kvm",
            })
    void passesOverUnknownAccelerators(String line, String warning) throws Exception {
        if (warning == null) {
            assertThat(run(words(line)).warnings()).isEmpty();
        } else {
            assertThat(run(words(line)).warnings()).containsExactly(warning, "falling back to tcg");
        }
    }

    @Test
    void readsWhatATestOfTheBoardAsksFor() throws Exception {
        assertThat(machine("-accel", "tcg").qtest())
                .isEqualTo(new QtestConfig(false, Optional.empty(), Optional.empty()));
        MachineConfig config = machine("-accel", "qtest", "-qtest", "unix:/tmp/q", "-qtest-log", "/dev/null");
        assertThat(config.qtest()).isEqualTo(new QtestConfig(true, Optional.of("qtest"), Optional.of("/dev/null")));
        assertThat(config.chardevs())
                .filteredOn(chardev -> chardev.id().equals("qtest"))
                .first()
                .isInstanceOfSatisfying(
                        ChardevConfig.Socket.class,
                        socket -> assertThat(socket.reconnectMs())
                                .as("tries again")
                                .isPositive());
        assertThat(machine("-accel", "kvm", "-accel", "qtest").qtest().drives()).isTrue();
        assertThat(machine("-accel", "tcg", "-accel", "qtest").qtest().drives()).isFalse();
        assertThat(machine("-M", "virt,accel=kvm:qtest", "-qtest-log", "none").qtest())
                .isEqualTo(new QtestConfig(true, Optional.empty(), Optional.empty()));
    }

    @Test
    void readsNamesAndTheUuid() throws Exception {
        MachineConfig config = machine(
                "-name",
                "guest one,debug-threads=on",
                "-name",
                "process=p",
                "-uuid",
                "8c4A4b4e-1111-2222-3333-444455556666");
        assertThat(config.name().guest()).contains("guest one");
        assertThat(config.name().process()).contains("p");
        assertThat(config.name().debugThreads()).isTrue();
        assertThat(config.uuid()).contains(UUID.fromString("8c4a4b4e-1111-2222-3333-444455556666"));
    }

    @Test
    void readsWhatTheGuestStartsFrom() throws Exception {
        MachineConfig config = machine(
                "-kernel",
                "old",
                "-kernel",
                "Image",
                "-initrd",
                "i",
                "-append",
                "console=ttyS0, quiet=1",
                "-dtb",
                "d",
                "-bios",
                "fw.bin");
        assertThat(config.boot().kernel()).contains(Path.of("Image"));
        assertThat(config.boot().initrd()).contains(Path.of("i"));
        assertThat(config.boot().append()).contains("console=ttyS0, quiet=1");
        assertThat(config.boot().dtb()).contains(Path.of("d"));
        assertThat(config.boot().firmware()).isEqualTo(new Firmware.File(Path.of("fw.bin")));
        assertThat(machine("-bios", "none").boot().firmware()).isEqualTo(new Firmware.None());
        assertThat(machine("-M", "virt,kernel=k").boot().kernel()).contains(Path.of("k"));
    }

    @Test
    void readsHowTheProcessBehaves() throws Exception {
        MachineConfig config =
                machine("-S", "-no-reboot", "-pidfile", "/run/p", "-run-with", "exit-with-parent=on", "-nodefaults");
        assertThat(config.process().startStopped()).isTrue();
        assertThat(config.process().actions().reboot()).isEqualTo(GuestActions.Reboot.SHUTDOWN);
        assertThat(config.process().pidFile()).contains(Path.of("/run/p"));
        assertThat(config.process().exitWithParent()).isTrue();
        assertThat(machine("-action", "reboot=shutdown").process().actions().reboot())
                .isEqualTo(GuestActions.Reboot.SHUTDOWN);
        assertThat(machine("-no-reboot", "-action", "reboot=reset").process().actions())
                .isEqualTo(GuestActions.defaults());
        assertThat(machine("-no-shutdown", "-action", "panic=none,watchdog=pause")
                        .process()
                        .actions())
                .isEqualTo(new GuestActions(
                        GuestActions.Reboot.RESET,
                        GuestActions.Shutdown.PAUSE,
                        GuestActions.Panic.NONE,
                        GuestActions.Watchdog.PAUSE));
        assertThat(machine("-watchdog-action", "poweroff").process().actions().watchdog())
                .isEqualTo(GuestActions.Watchdog.POWEROFF);
    }

    @Test
    void readsGlobals() throws Exception {
        Invocation.Run run = run(
                "-global", "migration.x-events=on",
                "-global", "driver=migration,property=mode,value=cpr-transfer",
                "-global", "pc.x.y=a,b=c");
        assertThat(run.config().globals())
                .containsExactly(
                        new GlobalProperty("migration", "x-events", "on"),
                        new GlobalProperty("migration", "mode", "cpr-transfer"));
        assertThat(run.config().globals().getFirst().text()).isEqualTo("migration.x-events=on");
        assertThat(run.warnings()).containsExactly("warning: global pc.x.y has invalid class name");
        assertThat(machine("-global", "virtio-mmio.force-legacy=off").machine().virtioLegacy())
                .isFalse();
    }

    @Test
    void plugsDevicesIntoTheHighestFreeTransport() throws Exception {
        MachineConfig config = machine(
                "-device", "virtio-rng-device,bus=virtio-mmio-bus.6",
                "-device", "virtio-rng-device,id=a,rng=r",
                "-device", "{\"driver\":\"virtio-rng-device\",\"max-bytes\":8,\"period\":1000}",
                "-object", "rng-random,id=r,filename=/dev/zero",
                "-object", "rng-builtin,id=s");
        assertThat(config.rngs())
                .containsExactly(new RngConfig.Random("r", Path.of("/dev/zero")), new RngConfig.Builtin("s"));
        assertThat(config.devices())
                .containsExactly(
                        new VirtioRngConfig(Optional.empty(), Optional.empty(), 6, Long.MAX_VALUE, 65536),
                        new VirtioRngConfig(Optional.of("a"), Optional.of("r"), 7, Long.MAX_VALUE, 65536),
                        new VirtioRngConfig(Optional.empty(), Optional.empty(), 5, 8, 1000));
    }

    @Test
    void warnsOfFlagsWithoutAValue() throws Exception {
        Invocation.Run run = run("-object", "memory-backend-ram,id=r,size=1M,share,nodump,");
        assertThat(run.config().backends().getFirst().options().share()).isTrue();
        assertThat(run.config().backends().getFirst().options().dump()).isFalse();
        assertThat(run.warnings()).hasSize(2);
        assertThat(run.warnings().getFirst())
                .endsWith("short-form boolean option 'share' deprecated, use share=on instead");
        assertThat(run.warnings().getLast())
                .endsWith("short-form boolean option 'nodump' deprecated, use dump=off instead");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-version|vmm version 1",
                "-help|usage: vmm [options]",
                "-h|usage: vmm [options]",
                "--help|usage: vmm [options]",
                "-machine help|virt                 RISC-V VirtIO board (default)",
                "-M ?|Supported machines are:",
                "-M virt,help|aux-ram-share=<bool>",
                "-cpu help|  rv64",
                "-accel help|tcg",
                "-accel ''|tcg",
                "-object help|  memory-backend-memfd",
                "-object memory-backend-memfd,help|  seal=<bool>",
                "-object memory-backend-file,help|  mem-path=<string>",
                "-object monitor-qmp,help|  pretty=<bool>",
                "-object foo,help|List of user creatable objects:",
                "-chardev help|  socket",
                "-chardev ?|  socket",
                "-chardev socket,help|  wait=<bool (on/off)>",
                "-smp help|  cpus=<num>",
                "-name help|  guest=<str>",
                "-global help|  driver=<str>",
                "-audio help|none",
                "-run-with help|  exit-with-parent=<bool (on/off)>",
                "-action help|  reboot=<str>",
                "-action help|  watchdog=<str>",
                "-device cmsdk-apb-watchdog,help|  id=<string>",
                "-device help|name \"cmsdk-apb-watchdog\", bus System",
                "-display ?|none",
                "-cpu ?|  max",
                "-device help|name \"virtio-rng-device\", bus virtio-bus",
                "-device virtio-rng-device,help|  max-bytes=<uint64>",
                "-display help|none",
                "-version -m x|vmm version 1",
            })
    void printsHelp(String line, String contains) throws Exception {
        assertThat(printed(words(line))).contains(contains).endsWith("\n");
    }

    @ParameterizedTest
    @EnumSource(Option.class)
    void describesEveryOption(Option option) {
        assertThat(HelpText.USAGE.lines())
                .anyMatch(line -> line.startsWith("-") && (" " + line + " ").contains("-" + option.optionName() + " "));
    }

    @Test
    void keepsHelpWithinATerminal() {
        assertThat(HelpText.USAGE.lines()).allMatch(line -> line.length() <= 100);
    }
}
