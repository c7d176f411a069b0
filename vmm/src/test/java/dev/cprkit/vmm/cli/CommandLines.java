package dev.cprkit.vmm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cprkit.vmm.machine.config.MachineConfig;
import java.util.List;

/** Reads command lines for the tests of this package. */
final class CommandLines {
    static final String VERSION = "vmm version 1";

    private CommandLines() {}

    static Invocation read(String... words) throws CommandLineException {
        return CommandLine.parse(List.of(words), VERSION);
    }

    /** The machine of a command line that asks for one. */
    static MachineConfig machine(String... words) throws CommandLineException {
        return run(words).config();
    }

    static Invocation.Run run(String... words) throws CommandLineException {
        Invocation invocation = read(words);
        assertThat(invocation).isInstanceOf(Invocation.Run.class);
        return (Invocation.Run) invocation;
    }

    /** What a command line prints that asks for help or the version. */
    static String printed(String... words) throws CommandLineException {
        Invocation invocation = read(words);
        assertThat(invocation).isInstanceOf(Invocation.Print.class);
        return ((Invocation.Print) invocation).text();
    }

    /** The one line that a command line is refused with. */
    static String refused(String... words) {
        CommandLineException e = catchThrowableOfType(CommandLineException.class, () -> read(words));
        assertThat(e).as("%s must be refused", List.of(words)).isNotNull();
        assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
        return e.getMessage();
    }

    /** Splits at spaces; a word {@code ''} is an empty argument. */
    static String[] words(String line) {
        String[] words = line.split(" ");
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i].equals("''") ? "" : words[i];
        }
        return words;
    }
}
