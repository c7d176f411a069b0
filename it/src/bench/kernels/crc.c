/* CRC-32 by table over 16 KiB: dependent table look-ups, shifts and exclusive ors. */
#define N 16384
static unsigned int table[256];
static unsigned char data[N];

unsigned long run(unsigned long repetitions)
{
    for (unsigned int i = 0; i < 256; i++) {
        unsigned int c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        table[i] = c;
    }
    for (unsigned int i = 0; i < N; i++)
        data[i] = i * 7 + (i >> 5);
    unsigned int crc = 0xffffffffu;
    while (repetitions--)
        for (unsigned int i = 0; i < N; i++)
            crc = table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
    return crc ^ 0xffffffffu;
}
