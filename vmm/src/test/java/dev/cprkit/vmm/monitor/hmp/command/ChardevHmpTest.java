package dev.cprkit.vmm.monitor.hmp.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.chardev.ChardevOptions;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.chardev.LoopThread;
import dev.cprkit.vmm.cli.ChardevText;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The texts are QEMU 11.1's. */
class ChardevHmpTest {
    private final HmpRegistry registry = new HmpRegistry();
    private final HmpShell shell = new HmpShell(registry);
    private LoopThread loop;
    private Chardevs chardevs;

    @BeforeEach
    void start() throws Exception {
        loop = new LoopThread();
        chardevs = new Chardevs(loop.loop(), () -> {});
        ChardevHmp.register(registry, chardevs, new ChardevText());
        chardevs.open(new ChardevConfig.Null("c0", ChardevOptions.NONE));
        chardevs.open(new ChardevConfig.Ringbuf("rb", 64, "ringbuf", ChardevOptions.NONE));
    }

    @AfterEach
    void stop() throws Exception {
        loop.call(() -> {
            chardevs.close();
            return null;
        });
        loop.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "chardev-add ~ chardev-add: string expected;Try \"help chardev-add\" for more information;",
                "chardev-add null,id=c1 ~ ``",
                "chardev-add memory,id=c1,size=1k ~ ``",
                "chardev-add null,id=c0 ~ Error: attempt to add duplicate property 'c0' to object (type 'container');",
                "chardev-add foo,id=c1 ~ Error: 'foo' is not a valid char driver name;",
                "chardev-add null ~ Error: chardev: no id specified;",
                "chardev-add file,id=f ~ Error: chardev: file: no filename given;",
                "chardev-add pipe,id=p ~ Error: chardev: pipe: no device path given;",
                "chardev-add pipe,id=p,path=/nosuch ~ Error: Could not open '/nosuch': No such file or directory;",
                "chardev-add ringbuf,id=r,size=100 ~ Error: size of ringbuf chardev must be power of two;",
                "chardev-add null,id=n,foo=1 ~ Error: Invalid parameter 'foo';",
                "chardev-add socket,id=s,path=/nosuch/s,server=on ~ Error: 'wait' cannot be used here: "
                        + "the machine would stand still until a client comes; say wait=off;",
                "chardev-change c0 null ~ ``",
                "chardev-change c0 ~ chardev-change: string expected;Try \"help chardev-change\" for more information;",
                "chardev-change foo null ~ Error: Chardev 'foo' does not exist;",
                "chardev-change c0 foo ~ Error: 'foo' is not a valid char driver name;",
                "chardev-change c0 pty,id=x ~ Error: Unexpected 'id' parameter;",
                "chardev-send-break c0 ~ ``",
                "chardev-send-break foo ~ Error: Chardev 'foo' not found;",
                "chardev-remove c0 ~ ``",
                "chardev-remove foo ~ Error: Chardev 'foo' not found;",
                "ringbuf_read rb 3 ~ ;",
                "ringbuf_read c0 3 ~ Error: c0 is not a ringbuf device;",
                "ringbuf_read foo 3 ~ Error: Device 'foo' not found;",
                "ringbuf_read rb ~ unexpected end of expression;Try \"help ringbuf_read\" for more information;",
                "ringbuf_read rb -1 ~ 'ringbuf_read' has failed: integer is for 32-bit values;"
                        + "Try \"help ringbuf_read\" for more information;",
                "ringbuf_write foo a ~ Error: Device 'foo' not found;",
                "ringbuf_write rb a b ~ ringbuf_write: extraneous characters at the end of line;"
                        + "Try \"help ringbuf_write\" for more information;",
            })
    void answers(String line, String answer) {
        String expected =
                answer.replace("client comes; say", "client comes% say").replace(';', '\n');
        assertThat(run(line)).isEqualTo(expected.replace('%', ';'));
    }

    @Test
    void keepsWhatIsWrittenUntilItIsRead() {
        assertThat(run("ringbuf_write rb \"a\\\\b\\n\\r\"")).isEmpty();
        assertThat(run("ringbuf_write rb \u00e9")).isEmpty();
        assertThat(run("ringbuf_read rb 2")).isEqualTo("a\\\\\n");
        assertThat(run("ringbuf_read rb 100")).isEqualTo("b\n\\u000D\u00e9\n");
    }

    @Test
    void tellsWhichTerminalToOpen() {
        String path = run("chardev-add pty,id=p").replace("char device redirected to ", "");
        assertThat(path).startsWith("/dev/pts/").endsWith(" (label p)\n");
        assertThat(run("chardev-change c0 pty")).startsWith("char device redirected to /dev/pts/");
        assertThat(chardevs.all()).extracting(Chardevs.Info::label).containsExactly("c0", "rb", "p");
        assertThat(run("chardev-add help"))
                .isEqualTo("Available chardev backend types: \n  file\n  memory\n  null\n  pipe\n  pty\n  ringbuf\n"
                        + "  socket\n  stdio\n");
    }

    private String run(String line) {
        StringBuilder out = new StringBuilder();
        try {
            return loop.call(() -> {
                shell.run(line, out::append);
                return out.toString();
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
