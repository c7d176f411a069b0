package dev.cprkit.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionsTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.13 (Debian 1), 11.1.3, -1, false",
        "11.1.3 (Debian 1:11.1.3+ds-1), 11.1.3 (Debian 1:11.1.3+ds-1), 0, true",
        "11.1.3 (Debian 1:11.1.3+ds-1), 11.1.3 Debian 1:11.1.3+ds-1, 0, true",
        "11.1.3 (Debian 1), 11.1.3 (Debian 2), 0, false",
        "11.10, 11.9.9, 1, false",
        "11.1, 11.1.0, 0, false",
        "x, 1.0, -1, false",
        "99999999999.1, 1, -1, false",
    })
    void compared(String a, String b, int order, boolean same) {
        assertThat(Integer.signum(Versions.compare(a, b))).isEqualTo(order);
        assertThat(Integer.signum(Versions.compare(b, a))).isEqualTo(-order);
        assertThat(Versions.isSame(a, b)).isEqualTo(same);
    }
}
