package dev.cprkit.agent.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationUri;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelChecksTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        unix:/run/main         | cpr-transfer |
        unix:/run/main         | cpr-exec     | main-channel-stream
        unix:/run/main         | cpr-reboot   | main-channel-stream
        tcp:127.0.0.1:4444     | cpr-transfer |
        tcp:127.0.0.1:0        | cpr-transfer | main-channel-port-zero
        tcp:127.0.0.1:0        | cpr-exec     | main-channel-stream main-channel-port-zero
        file:/vm/state         | cpr-transfer | main-channel-file
        file:/vm/state         | cpr-exec     |
        file:/vm/state         | cpr-reboot   |
        rdma:host:4            | cpr-reboot   | main-channel-stream
        exec:cat >/vm/state    | cpr-transfer |
        exec:cat >/vm/state    | cpr-exec     |
        exec:cat >/vm/state    | cpr-reboot   |
        file:/vm/state         | normal       |
        """)
    void whatIsSaidOfAChannel(String uri, String mode, String codes) throws Exception {
        MigMode in = MigMode.of(mode).orElseThrow();
        assertThat(ChannelChecks.findings(in, MigrationUri.parse(uri)))
                .extracting(finding -> finding.code().codeName())
                .containsExactly(codes == null ? new String[0] : codes.split(" ", -1));
    }
}
