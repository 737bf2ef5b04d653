"""codecs.py [FROM TO CODEC] ...: copies images. "-" is the codec that the format has unless set."""
import sys

import swr

words = iter(sys.argv[1:])
for source, target, codec in zip(words, words, words):
    if codec == "-":
        swr.copy(source, target)
    else:
        swr.copy(source, target, compression=(codec, 6))
