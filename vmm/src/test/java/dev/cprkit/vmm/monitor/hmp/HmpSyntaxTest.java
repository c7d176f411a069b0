package dev.cprkit.vmm.monitor.hmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the monitor makes of a command line; the texts are those that QEMU 11.1 prints for the same lines. */
class HmpSyntaxTest {
    private final HmpRegistry registry = new HmpRegistry();
    private final HmpShell shell = new HmpShell(registry);
    private final StringBuilder out = new StringBuilder();

    @BeforeEach
    void addCommands() {
        registry.registers(name -> name.equals("pc") ? OptionalLong.of(0x1000) : OptionalLong.empty());
        command("migrate", "detach:-d,resume:-r,uri:s", "{detach} {resume} {uri}");
        command("save", "val:l,size:i,filename:s", "{val} {size} {filename}");
        command("set", "name:s,value:S", "{name}={value}");
        command("cap", "name:s,state:b", "{name}={state}");
        command("opt", "name:s?,number:i?", "{name} {number}");
        command("load", "filename:F", "{filename}");
        command("disk", "device:B,size:o", "{device} {size}");
        command("device", "device:O", "{device}");
        command("balloon", "value:M", "{value}");
        command("port", "addr:i,index:i.", "{addr} {index}");
        command("dump", "filename:F,format:-fs,device:s?", "{filename} {format} {device}");
        registry.add(HmpCommand.of(
                List.of("print", "p"),
                "fmt:/,val:l",
                "/fmt expr",
                "",
                (to, a) -> to.println(a.format("fmt").count() + " "
                        + a.format("fmt").size() + " " + a.format("fmt").print(a.number("val")))));
        registry.addInfo(HmpCommand.of("status", "", "", "how it is", (to, a) -> to.println("fine")));
        registry.add(new HmpCommand("old", "anything", "", (to, rest) -> to.println("<" + rest + ">")));
    }

    private void command(String name, String syntax, String answer) {
        registry.add(HmpCommand.of(name, syntax, "", "", (to, a) -> to.println(a.fill(answer))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "migrate -d tcp:h:1 ~ true {resume} tcp:h:1",
                "`  migrate   -d -r  x  ` ~ true true x",
                "migrate -dr ~ true {resume} r",
                "save 0x10+2*3 (1+1) x ~ 22 2 x",
                "save 4096 0x10 \"a b\\n\\\"\\'\\\\.bin\" ~ 4096 16 a b;\"'\\.bin",
                "set tls-creds  a  \"b\" ' ~ tls-creds=a  \"b\" '",
                "cap x on ~ x=true",
                "cap x off ~ x=false",
                "opt ~ {name} {number}",
                "opt a ~ a {number}",
                "opt a 3 ~ a 3",
                "device ~ {device}",
                "device a,b=c ~ a,b=c",
                "balloon 64 ~ 67108864",
                "disk d 10G ~ d 10G",
                "port 1 ~ 1 {index}",
                "port 1 .2 ~ 1 2",
                "dump a -f png ~ a png {device}",
                "dump a dev ~ a {format} dev",
                "old  a  b ~ <a  b>",
                "old ~ <>",
                "info status ~ fine",
                "` info  status  ` ~ fine",
                "info ~ info status  -- how it is",
                "help info status ~ info status  -- how it is",
                "help info nope ~ unknown command: 'info nope'",
            })
    void reads(String line, String answer) {
        shell.run(line, out::append);
        assertThat(out.toString()).isEqualTo(answer.replace(';', '\n') + "\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "migrate ~ migrate: string expected",
                "migrate -d ~ migrate: string expected",
                "migrate -x a ~ migrate: unsupported option -x",
                "migrate -d -d a ~ migrate: unsupported option -d",
                "migrate a b ~ migrate: extraneous characters at the end of line",
                "migrate \"a ~ migrate: string expected",
                "migrate \"a\\qb\" ~ migrate: string expected",
                "set a ~ set: string expected",
                "cap a maybe ~ Expected 'on' or 'off'",
                "cap a ~ Expected 'on' or 'off'",
                "load ~ load: filename expected",
                "disk ~ disk: block device name expected",
                "disk a ~ invalid size",
                "disk a X ~ invalid size",
                "disk a 1X ~ disk: extraneous characters at the end of line",
                "balloon -1 ~ enter a positive value",
                "balloon ~ unexpected end of expression",
                "save 1 -1 f ~ invalid char 'f' in expression",
                "save 1 5000000000 f ~ 'save' has failed: integer is for 32-bit values",
                "save 1 2 ~ save: string expected",
                "device a b ~ device: extraneous characters at the end of line",
                "info status x ~ status: extraneous characters at the end of line",
                "print /z 1 ~ invalid char in format: 'z'",
                "print /-1x 1 ~ invalid char in format: '-'",
                "print 1 2 ~ print|p: extraneous characters at the end of line",
                "print ~ unexpected end of expression",
                "print (1+2 ~ ')' expected",
                "print 1/0 ~ division by zero",
                "print 1%0 ~ division by zero",
                "print foo ~ invalid char 'f' in expression",
                "print $foo ~ unknown register",
                "print $ pc ~ unknown register",
                "print '' ~ missing terminating ' character",
                "print 'ab' ~ missing terminating ' character",
                "print 99999999999999999999 ~ number too large",
                "print 08 ~ print|p: extraneous characters at the end of line",
                "print 0x ~ print|p: extraneous characters at the end of line",
            })
    void refuses(String line, String text) {
        shell.run(line, out::append);
        String command = line.startsWith("info")
                ? "info status"
                : line.substring(0, line.indexOf(' ') < 0 ? line.length() : line.indexOf(' '));
        assertThat(out.toString()).isEqualTo(text + "\nTry \"help " + command + "\" for more information\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "foo bar ~ unknown command: 'foo'",
                "`  foo` ~ unknown command: '  foo'",
                "` info   foo x` ~ unknown command: ' info   foo'",
                "info/foo ~ unknown command: 'info'",
                "#comment ~ unknown command: '#comment'",
                "info \"status\" ~ unknown command: 'info \"status\"'",
            })
    void knowsNot(String line, String text) {
        shell.run(line, out::append);
        assertThat(out.toString()).isEqualTo(text + "\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "1+2 ~ 0x3",
                "8-3-2 ~ 0x3",
                "1 + 2 * 3 ~ 0x7",
                "8/3*3 ~ 0x6",
                "1&3|4^1 ~ 0x4",
                "(1+2)*3 ~ 0x9",
                "`~0` ~ 0xffffffffffffffff",
                "-8/3 ~ 0xfffffffffffffffe",
                "-8%3 ~ 0xfffffffffffffffe",
                "+3 ~ 0x3",
                "'a' ~ 0x61",
                "010 ~ 0x8",
                "$pc+4 ~ 0x1004",
                "0x7fffffffffffffff+1 ~ 0x8000000000000000",
                "0 ~ 0",
            })
    void computes(String expression, String value) {
        shell.run("print " + expression, out::append);
        assertThat(out.toString()).isEqualTo("1 4 " + value + "\n");
    }

    @Test
    void remembersTheLastFormat() {
        for (String line : List.of(
                "p/x 3",
                "print /2dh 0x10",
                "p 11",
                "p /o 8",
                "p /u -1",
                "p /c 65",
                "p /c 10",
                "p /c 7",
                "p /4ig 9",
                "p 9",
                "p /x 9")) {
            shell.run(line, out::append);
        }
        assertThat(out.toString())
                .isEqualTo(
                        "1 4 0x3\n2 2 16\n1 2 11\n1 2 010\n1 2 18446744073709551615\n1 2 'A'\n1 2 '\\n'\n1 2 '\\x07'\n"
                                + "4 8 9\n1 -1 9\n1 2 0x9\n");
    }
}
