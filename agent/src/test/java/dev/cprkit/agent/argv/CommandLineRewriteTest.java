package dev.cprkit.agent.argv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.check.Finding;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineRewriteTest {
    private static final String INCOMING =
            " -incoming defer -incoming cpr,addr.transport=socket,addr.type=unix,addr.path=/tmp/x/cpr.sock";

    private static NextCommandLine rewrite(String arguments) {
        return new CommandLineRewrite(Map.of("q35", "pc-q35-10.0"), "/tmp/x/cpr.sock")
                .rewrite(arguments.isEmpty() ? List.of() : Arrays.asList(arguments.split(" ")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-qmp unix:/r/q,server=on,wait=off       | -qmp unix:/r/q.g1,server=on,wait=off",
                "-qmp unix:/r/q.sock,server,nowait       | -qmp unix:/r/q.g1.sock,server,wait=off",
                "-qmp unix:/r/q.sock,server=on           | -qmp unix:/r/q.g1.sock,server=on,wait=off",
                "-qmp unix:/r/q,,a.sock,server=on        | -qmp unix:/r/q,,a.g1.sock,server=on,wait=off",
                "--qmp unix:/r/q.g4.sock,server=on       | -qmp unix:/r/q.g5.sock,server=on,wait=off",
                "-monitor mon:unix:/r/m.s,server,nowait  | -monitor mon:unix:/r/m.g1.s,server,wait=off",
                "-serial unix:/r/client.s                | -serial unix:/r/client.s",
                "-serial unix:/r/client.s,server=off     | -serial unix:/r/client.s,server=off",
                "-serial stdio                           | -serial stdio",
                "-serial chardev:a                       | -serial chardev:a",
                "-chardev socket,id=a,path=/r/a.s,server=on,wait=on"
                        + "| -chardev socket,id=a,path=/r/a.g1.s,server=on,wait=off",
                "-chardev socket,id=a,path=/r/a.s        | -chardev socket,id=a,path=/r/a.s",
                "-chardev socket,id=a,path=n.s,abstract=on,server=on,wait=off"
                        + "| -chardev socket,id=a,path=n.g1.s,abstract=on,server=on,wait=off",
                "-chardev file,id=a,path=/l              | -chardev file,id=a,path=/l,append=on",
                "-chardev file,id=a,path=/l,append=off   | -chardev file,id=a,path=/l,append=on",
                "-chardev pty,id=a,logfile=/l            | -chardev pty,id=a,logfile=/l,logappend=on",
                "-chardev null,id=a                      | -chardev null,id=a",
                "-serial file:/log,x                     "
                        + "| -chardev file,id=cprkit-g1-0,path=/log,,x,append=on -serial chardev:cprkit-g1-0",
                "-pidfile /r/vm.pid                      | -pidfile /r/vm.g1.pid",
                "-vnc unix:/r/vnc                        | -vnc unix:/r/vnc.g1",
                "-S -daemonize -m 512                    | -m 512",
                "-m 512 -incoming defer                  | -m 512",
                "-incoming tcp:0:4444 -m 512             | -m 512",
                "-incoming defer -incoming cpr,addr.transport=socket,addr.type=unix,addr.path=/old -m 512 | -m 512",
                "-loadvm snap -m 512                     | -m 512",
                "-machine q35,accel=tcg                  | -machine pc-q35-10.0,accel=tcg",
                "-M type=q35                             | -M type=pc-q35-10.0",
                "-M virt,aux-ram-share=on                | -M virt,aux-ram-share=on",
                "-run-with exit-with-parent=on           | ",
                "-run-with exit-with-parent=on,user=x    | -run-with user=x",
                "-run-with user=x                        | -run-with user=x",
                "-append console=ttyS0,115200,incoming   | -append console=ttyS0,115200,incoming",
                "disk.img                                | disk.img",
            })
    void options(String before, String after) {
        String expected = (after == null ? "" : after) + INCOMING;
        assertThat(String.join(" ", rewrite(before).arguments())).isEqualTo(expected.strip());
    }

    @Test
    void aValueThatLooksLikeAnOptionIsLeftAlone() {
        NextCommandLine next =
                new CommandLineRewrite(Map.of(), "/c").rewrite(List.of("-append", "-S", "-name", "-incoming", "-S"));
        assertThat(next.arguments())
                .startsWith("-append", "-S", "-name", "-incoming")
                .hasSize(8);
    }

    /** The old process is gone, or is the new one, when the sockets are made: nothing moves, and nothing is in the way. */
    @Test
    void inPlaceNoPathChanges() {
        List<String> old = List.of((LIVE + " -run-with exit-with-parent=on").split(" "));
        NextCommandLine after =
                CommandLineRewrite.afterwards(Map.of("q35", "pc-q35-10.0")).rewrite(old);
        assertThat(String.join(" ", after.arguments()))
                .isEqualTo("-M pc-q35-10.0 -qmp unix:/r/q.g2.s,server=on,wait=off -chardev"
                        + " socket,id=c,path=/r/c.s,server=on,wait=off -chardev file,id=f,path=/l,append=on"
                        + " -pidfile /r/pid -vnc :1 -incoming defer");
        assertThat(after.moves()).isEmpty();
        assertThat(after.findings())
                .extracting(finding -> finding.code().codeName())
                .containsExactly("exit-with-parent");
        assertThat(after.generation()).isEqualTo(2);
        NextCommandLine same =
                CommandLineRewrite.inSameProcess(Map.of(), "/t/state").rewrite(old);
        assertThat(same.arguments()).endsWith("exit-with-parent=on", "-incoming", "file:/t/state");
        assertThat(same.findings()).isEmpty();
        assertThat(same.moves()).isEmpty();
        assertThat(CommandLineRewrite.inSameProcess(Map.of(), "/t/next")
                        .rewrite(same.arguments())
                        .arguments())
                .endsWith("-incoming", "file:/t/next")
                .doesNotContain("file:/t/state");
    }

    @Test
    void jsonChardevs() {
        NextCommandLine next = new CommandLineRewrite(Map.of(), "/c")
                .rewrite(List.of(
                        "-chardev",
                        "{\"id\":\"a\",\"backend\":{\"type\":\"socket\",\"data\":{\"addr\":{\"type\":\"unix\","
                                + "\"data\":{\"path\":\"/r/a.s\"}},\"server\":true}}}",
                        "-chardev",
                        "{not json"));
        assertThat(next.arguments().get(1))
                .isEqualTo("{\"id\":\"a\",\"backend\":{\"type\":\"socket\",\"data\":{\"addr\":{\"type\":\"unix\","
                        + "\"data\":{\"path\":\"/r/a.g1.s\"}},\"server\":true,\"wait\":false}}}");
        assertThat(next.arguments().get(3)).isEqualTo("{not json");
    }

    private static final String LIVE = "-M q35 -qmp unix:/r/q.g2.s,server=on,wait=off -chardev"
            + " socket,id=c,path=/r/c.s,server=on -chardev file,id=f,path=/l -pidfile /r/pid -vnc :1 -S -daemonize"
            + " -incoming defer";

    @Test
    void allPathsMoveToTheSameGeneration() {
        NextCommandLine next = rewrite("-qmp unix:/r/a.g3.q,server=on -serial unix:/r/b.s,server=on -pidfile p");
        assertThat(next.generation()).isEqualTo(4);
        assertThat(next.moves())
                .containsExactly(
                        new PathMove("qmp", Kind.SOCKET, "/r/a.g3.q", "/r/a.g4.q", "/r/a.q"),
                        new PathMove("serial", Kind.SOCKET, "/r/b.s", "/r/b.g4.s", "/r/b.s"),
                        new PathMove("pidfile", Kind.PIDFILE, "p", "p.g4", "p"));
    }

    @Test
    void theNextGenerationOfAResultIsTheOneAfterIt() {
        List<String> first =
                rewrite("-m 1 -qmp unix:/r/q.s,server=on -serial file:/l -S").arguments();
        NextCommandLine second = new CommandLineRewrite(Map.of(), "/second").rewrite(first);
        assertThat(second.arguments())
                .containsExactly(
                        "-m",
                        "1",
                        "-qmp",
                        "unix:/r/q.g2.s,server=on,wait=off",
                        "-chardev",
                        "file,id=cprkit-g1-0,path=/l,append=on",
                        "-serial",
                        "chardev:cprkit-g1-0",
                        "-incoming",
                        "defer",
                        "-incoming",
                        "cpr,addr.transport=socket,addr.type=unix,addr.path=/second");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-s                                         | port-taken",
                "-gdb tcp::1234                             | port-taken",
                "-vnc :1                                    | port-taken",
                "-display vnc=:1                            | port-taken",
                "-serial tcp:localhost:1,server=on          | port-taken",
                "-chardev socket,id=a,port=1,server=on      | port-taken",
                "-netdev user,id=n,hostfwd=tcp::22-:22      | port-taken",
                "-chardev socket,id=a,fd=5,server=on        | not-on-command-line",
                "-snapshot                                  | temporary-disk",
                "-readconfig vm.cfg                         | config-file",
                "-run-with exit-with-parent=on              | exit-with-parent",
            })
    void traps(String arguments, String code) {
        assertThat(rewrite(arguments).findings())
                .extracting(finding -> finding.code().codeName())
                .containsExactly(code);
    }

    @ParameterizedTest
    @CsvSource({"-serial tcp:localhost:1", "-vnc none", "-netdev user", "-chardev stdio", "-gdb unix:/g"})
    void noTraps(String arguments) {
        assertThat(rewrite(arguments).findings()).extracting(Finding::code).isEmpty();
    }
}
