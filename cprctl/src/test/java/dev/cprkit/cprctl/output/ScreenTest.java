package dev.cprkit.cprctl.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ScreenTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** A guest's last words, in the log of its process, must not rename the window of whoever reads why an update failed. */
    @Test
    void whatOthersHaveNamedOrPrintedDoesNothingToATerminal() {
        try (Screen screen = new Screen(new PrintWriter(out), new PrintWriter(err), false, false, true, true, false)) {
            screen.line(screen.styled(Style.GOOD, "a") + "\033]0;gotcha\007\033[2J\u009b31m\tb\nc");
            screen.failure("it printed \033[5nx");
        }
        assertThat(out.toString()).isEqualTo("\033[32ma\033[0m?]0;gotcha??[2J?31m\tb\nc\n");
        assertThat(err.toString()).isEqualTo("\033[31mcprctl:\033[0m it printed ?[5nx\n");
    }
}
