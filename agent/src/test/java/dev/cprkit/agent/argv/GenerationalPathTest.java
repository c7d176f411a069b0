package dev.cprkit.agent.argv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerationalPathTest {
    @ParameterizedTest
    @CsvSource({
        "/run/vm.qmp,        0, /run/vm.qmp,     /run/vm.g1.qmp",
        "/run/vm.g1.qmp,     1, /run/vm.qmp,     /run/vm.g2.qmp",
        "/run/vm.g9.qmp,     9, /run/vm.qmp,     /run/vm.g10.qmp",
        "/run/vm.g10.qmp,   10, /run/vm.qmp,     /run/vm.g11.qmp",
        "/run/qmp,           0, /run/qmp,        /run/qmp.g1",
        "/run/qmp.g3,        3, /run/qmp,        /run/qmp.g4",
        "qmp,                0, qmp,             qmp.g1",
        "vm.sock,            0, vm.sock,         vm.g1.sock",
        "/a.b/qmp,           0, /a.b/qmp,        /a.b/qmp.g1",
        "/a.g1/qmp,          0, /a.g1/qmp,       /a.g1/qmp.g1",
        "/run/.hidden,       0, /run/.hidden,    /run/.hidden.g1",
        "/run/x.g0.qmp,      0, /run/x.g0.qmp,   /run/x.g0.g1.qmp",
        "/run/x.g01.qmp,     0, /run/x.g01.qmp,  /run/x.g01.g1.qmp",
        "/run/x.gap.qmp,     0, /run/x.gap.qmp,  /run/x.gap.g1.qmp",
        "/run/x.g99999999999.q, 0, /run/x.g99999999999.q, /run/x.g99999999999.g1.q",
    })
    void pathsOfGenerations(String path, int generation, String base, String next) {
        GenerationalPath taken = GenerationalPath.of(path);
        assertThat(taken.generation()).isEqualTo(generation);
        assertThat(taken.base()).isEqualTo(base);
        assertThat(taken.at(generation)).isEqualTo(path);
        assertThat(taken.at(generation + 1)).isEqualTo(next);
    }
}
