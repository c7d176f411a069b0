package dev.cprkit.cprctl;

import dev.cprkit.agent.operation.ModeChoice;
import java.util.Arrays;
import java.util.Iterator;

/** What a shell completes --mode with. */
final class ModeNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return Arrays.stream(ModeChoice.values())
                .map(choice -> choice.choiceName().replace("cpr-", ""))
                .iterator();
    }
}
