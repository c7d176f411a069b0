package dev.cprkit.agent.argv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionListTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "socket,id=a,path=/p            | backend | socket",
                "socket,id=a,path=/p            | path    | /p",
                "backend=file,path=/a=b         | path    | /a=b",
                "file,path=/a,,b,append=on      | path    | /a,b",
                "file,path=/a,,b,append=on      | append  | on",
                "socket,server,nowait           | server  | on",
                "socket,server,nowait           | wait    | off",
                "socket,wait=on,wait=off        | wait    | off",
                "/with,,comma,server=on         | backend | /with,comma",
                "/a,,b=c,server=on              | backend | /a,b=c",
                "x,node=1                       | node    | 1",
                "x,path=                        | path    | ''",
            })
    void values(String text, String key, String value) {
        assertThat(OptionList.parse(text, "backend").get(key)).contains(value);
    }

    @Test
    void whatIsNotThereIsEmpty() {
        assertThat(OptionList.parse("", "x").get("x")).isEmpty();
        assertThat(OptionList.parse("a=1", "x").get("x")).isEmpty();
        assertThat(OptionList.parse("", "x").isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "socket,id=a,path=/p,,q,server,nowait",
                "backend=socket,server=on,server=off",
                "/p,server=on,wait=off",
                "type=virt",
                "a,,b",
                "x=1,,2",
                ""
            })
    void whatNobodyChangesStaysAsItWasWritten(String text) {
        assertThat(OptionList.parse(text, "path").format()).isEqualTo(text);
    }

    @Test
    void aChangedValueStaysInItsPlace() {
        OptionList list = OptionList.parse("socket,path=/a,server=on,path=/b", "backend");
        assertThat(list.with("path", "/c,d").format()).isEqualTo("socket,path=/c,,d,server=on");
        assertThat(list.with("wait", "off").format()).isEqualTo("socket,path=/a,server=on,path=/b,wait=off");
        assertThat(list.without("path").format()).isEqualTo("socket,server=on");
        assertThat(list.with("backend", "file").format()).isEqualTo("file,path=/a,server=on,path=/b");
        assertThat(list.with("backend", "a=b").format()).isEqualTo("backend=a=b,path=/a,server=on,path=/b");
        assertThat(OptionList.parse("s,nowait", "").with("wait", "off").format())
                .isEqualTo("s,wait=off");
    }

    @ParameterizedTest
    @CsvSource({"server,true", "server=on,true", "server=yes,true", "server=off,false", "noserver,false", "x,false"})
    void switches(String text, boolean on) {
        assertThat(OptionList.parse(text, "").isOn("server")).isEqualTo(on);
    }
}
