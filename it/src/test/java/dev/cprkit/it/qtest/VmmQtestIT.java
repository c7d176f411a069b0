package dev.cprkit.it.qtest;

import dev.cprkit.it.vm.VmProcess;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A test of the board in {@code vmm}. */
class VmmQtestIT extends QtestCases {
    @Override
    Optional<List<String>> program() {
        return Optional.of(VmProcess.command(List.of()));
    }

    @Override
    String reason() {
        return "";
    }

    @Test
    void aTestMayBeginToListenLaterAndComeBack() throws Exception {
        assertWaitsForTheTest();
    }
}
