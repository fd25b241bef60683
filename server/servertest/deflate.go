package servertest

// deflateTail ends each flush of a compressor and is not sent (RFC 7692, section 7.2.1).
const deflateTail = "\x00\x00\xff\xff"
