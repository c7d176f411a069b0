package dev.cprkit.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.vm.LaunchPlan.Point;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaunchArgumentsTest {
    private static final Path FOLDER = Path.of("/run/cprkit/vms/one");
    private static final Map<String, String> ALIASES = Map.of("q35", "pc-q35-11.1");
    private static final String QMP = " -qmp unix:/run/cprkit/vms/one/qmp.sock,server=on,wait=off";

    private static LaunchPlan plan(boolean makeUpdatable, String arguments) {
        List<String> words =
                Arrays.stream(arguments.split(" ")).filter(w -> !w.isEmpty()).toList();
        return new LaunchArguments(FOLDER, ALIASES, makeUpdatable)
                .plan(new Program(List.of("/bin/qemu"), words), Path.of("/home/me"));
    }

    private static String codes(LaunchPlan plan) {
        StringBuilder text = new StringBuilder();
        for (Point point : plan.points()) {
            text.append(point.finding().code().codeName())
                    .append('=')
                    .append(point.change().changeName())
                    .append(' ');
        }
        return text.toString().strip();
    }

    private static final String GOOD =
            "-M virt,memory-backend=r,aux-ram-share=on -object memory-backend-memfd,id=r,size=1G";

    @Test
    void whatCanBeUpdatedStaysAsItIs() {
        LaunchPlan plan = plan(false, GOOD + " -m 1G -qmp unix:/run/q,server=on,wait=off");
        assertThat(plan.points()).isEmpty();
        assertThat(plan.obstacles()).isEmpty();
        assertThat(plan.qmp()).isEqualTo(Path.of("/run/q"));
        assertThat(String.join(" ", plan.command()))
                .isEqualTo("/bin/qemu " + GOOD + " -m 1G -qmp unix:/run/q,server=on,wait=off");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // what is given | what comes of it | what is said
                "-M virt -m 64M | -M virt,memory-backend=cprkit-ram,aux-ram-share=on -m 64M"
                        + " -object memory-backend-memfd,id=cprkit-ram,size=64M,share=on"
                        + " | memory-not-shared=made aux-ram-not-shared=made",
                "-m 512 | -m 512 -object memory-backend-memfd,id=cprkit-ram,size=512M,share=on"
                        + " -machine memory-backend=cprkit-ram,aux-ram-share=on"
                        + " | memory-not-shared=made aux-ram-not-shared=made",
                "-M virt,aux-ram-share=on | -M virt,aux-ram-share=on,memory-backend=cprkit-ram"
                        + " -object memory-backend-memfd,id=cprkit-ram,size=128M,share=on | memory-not-shared=made",
                "-M virt,aux-ram-share=on -m size=1G,maxmem=4G -mem-path /huge/a"
                        + " | -M virt,aux-ram-share=on,memory-backend=cprkit-ram -m size=1G,maxmem=4G"
                        + " -object memory-backend-file,mem-path=/huge/a,id=cprkit-ram,size=1G,share=on"
                        + " | memory-not-shared=made",
                "-M virt,memory-backend=r,aux-ram-share=on -object memory-backend-ram,id=r,size=1G"
                        + " | -M virt,memory-backend=r,aux-ram-share=on"
                        + " -object memory-backend-memfd,id=r,size=1G,share=on | memory-not-shared=made",
                "-M virt,memory-backend=r,aux-ram-share=on -object"
                        + " memory-backend-file,id=r,size=1G,mem-path=/f,share=off | -M"
                        + " virt,memory-backend=r,aux-ram-share=on -object"
                        + " memory-backend-file,id=r,size=1G,mem-path=/f,share=on | memory-not-shared=made",
                "-M virt,memory-backend=r,aux-ram-share=on -object"
                        + " {\"qom-type\":\"memory-backend-ram\",\"id\":\"r\",\"size\":4096} | -M"
                        + " virt,memory-backend=r,aux-ram-share=on -object"
                        + " {\"qom-type\":\"memory-backend-memfd\",\"id\":\"r\",\"size\":4096,\"share\":true} |"
                        + " memory-not-shared=made",
                "-M q35,memory-backend=r,aux-ram-share=on -object memory-backend-memfd,id=r,size=1G | -M"
                        + " pc-q35-11.1,memory-backend=r,aux-ram-share=on -object memory-backend-memfd,id=r,size=1G |"
                        + " machine-alias=made",
                "GOOD -nographic | GOOD -display none"
                        + " -chardev socket,id=cprkit-console,path=/run/cprkit/vms/one/console.sock,server=on,wait=off"
                        + " -serial chardev:cprkit-console | stdio-chardev=made",
                "GOOD -serial mon:stdio | GOOD"
                        + " -chardev socket,id=cprkit-console,path=/run/cprkit/vms/one/console.sock,server=on,wait=off"
                        + " -serial chardev:cprkit-console | stdio-chardev=made",
                "GOOD -daemonize -run-with exit-with-parent=on,chroot=/x | GOOD -run-with chroot=/x"
                        + " | daemonize=made exit-with-parent=made",
                "GOOD -snapshot | GOOD -snapshot | temporary-disk=none",
                "GOOD -numa node,memdev=r | GOOD -numa node,memdev=r | ",
                "-M virt,aux-ram-share=on -numa node | -M virt,aux-ram-share=on -numa node | memory-not-shared=none",
            })
    void madeUpdatable(String given, String expected, String said) {
        LaunchPlan plan = plan(true, given.replace("GOOD", GOOD));
        String points = (said == null ? "" : said + " ") + "qmp-not-on-command-line=made";
        assertThat(codes(plan)).isEqualTo(points);
        assertThat(String.join(" ", plan.program().arguments())).isEqualTo(expected.replace("GOOD", GOOD) + QMP);
        assertThat(plan.qmp()).isEqualTo(FOLDER.resolve("qmp.sock"));
    }

    @Test
    void withoutBeingAskedOnlyWhatALaunchNeedsIsChanged() {
        LaunchPlan plan = plan(false, "-M q35 -m 64M -nographic -daemonize");
        assertThat(codes(plan))
                .isEqualTo("memory-not-shared=offered aux-ram-not-shared=offered machine-alias=offered"
                        + " stdio-chardev=offered daemonize=made qmp-not-on-command-line=made");
        assertThat(String.join(" ", plan.program().arguments())).isEqualTo("-M q35 -m 64M -nographic" + QMP);
        assertThat(plan.obstacles())
                .extracting(finding -> finding.code().codeName())
                .containsExactly("memory-not-shared", "aux-ram-not-shared");
        assertThat(plan.isOfferedWhole()).isTrue();
        assertThat(plan(false, "-snapshot").isOfferedWhole()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-qmp unix:q.sock,server=on,wait=off                                             | /home/me/q.sock",
                "-qmp-pretty unix:/q,server,nowait                                               | /q",
                "-chardev socket,id=m,path=/m,server=on,wait=off -mon chardev=m,mode=control     | /m",
                "-chardev socket,id=m,path=/m,server=on,wait=off -mon m,mode=control             | /m",
                "-chardev socket,id=m,path=/m,server=on,wait=off -qmp chardev:m                  | /m",
                "-chardev socket,id=m,path=/m,server=on,wait=off -mon m,mode=readline            |"
                        + " /run/cprkit/vms/one/qmp.sock",
                "-qmp unix:/q,abstract=on,server=on                                              |"
                        + " /run/cprkit/vms/one/qmp.sock",
                "-qmp unix:/q                                                                    |"
                        + " /run/cprkit/vms/one/qmp.sock",
                "-qmp tcp:localhost:1                                                            |"
                        + " /run/cprkit/vms/one/qmp.sock",
            })
    void theQmpSocket(String given, Path expected) {
        assertThat(plan(true, GOOD + " " + given).qmp()).isEqualTo(expected);
    }

    @Test
    void aliasesAreReadFromTheProgramsHelp() {
        assertThat(MachineAliases.in(List.of(
                        "Supported machines are:",
                        "pc                   Standard PC (i440FX + PIIX, 1996) (alias of pc-i440fx-11.1)",
                        "pc-i440fx-11.1       Standard PC (i440FX + PIIX, 1996) (default)",
                        "none                 empty machine")))
                .isEqualTo(Map.of("pc", "pc-i440fx-11.1"));
    }
}
