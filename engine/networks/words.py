"""What each layer dreams of, in plain words: input of ``engine.describe``.

Of the embedded networks it was seen in dreams of this engine: a block's last part gives the block its name. Of the
others only what the literature tells, and no more sure than it is: their weights cannot be had where this was written.

Sources: Mordvintsev, Olah, Tyka, "Inceptionism", 2015, and google/deepdream's notebook, whose default is
inception_4c/output (shallow layers give strokes and ornaments, deep ones things); Zeiler, Fergus, "Visualizing and
Understanding Convolutional Networks", 2014 (corners and colours, textures, parts, whole things, in this order); Olah,
Mordvintsev, Schubert, "Feature Visualization", Distill 2017, and Olah and others, "An Overview of Early Vision in
InceptionV1", Distill 2020 (GoogLeNet from edges to eyes); TensorFlow's DeepDream tutorial.
"""

from __future__ import annotations

_HEAD = "things in front of their usual background"
_LOGITS = "the 1000 kinds of things it was taught to tell apart"

_LITE = {
    "stem": "shards of black and white",
    "blocks.0": "a woodcut: strokes along the photo's edges",
    "blocks.1": "thick outlines filled with small carvings",
    "blocks.2": "ribs, ridges and carved masks",
    "blocks.3": "round eyes, beads and spirals",
    "blocks.4": "dog faces, fur and noses",
    "blocks.5": "fur, whiskers, and what the photo already shows",
    "blocks.6": "patches of fur and cracked varnish",
    "head": _HEAD,
    "logits": _LOGITS,
}

_GOOGLENET = {
    "conv1": "edges and spots of colour",
    "conv2": "edges and strokes",
    "conv3": "strokes, curves and simple textures",
    "inception3a": "curves and textures",
    "inception3b": "ornaments, fur-like textures and round, eye-like spots",
    "inception4a": "ornaments, spirals and first parts of animals",
    "inception4b": "eyes and parts of animals",
    "inception4c": "eyes and dog faces (the 2015 dream)",
    "inception4d": "animals and buildings",
    "inception4e": "whole animals, towers and arches",
    "inception5a": "things and parts of things",
    "inception5b": "things, put together from many sides",
    "head": "what inception5b shows",
    "logits": _LOGITS,
}

_INCEPTION = {
    "Conv2d_1a_3x3": "edges and spots of colour",
    "Conv2d_2a_3x3": "edges and strokes",
    "Conv2d_2b_3x3": "edges and strokes",
    "Conv2d_3b_1x1": "edges and strokes",
    "Conv2d_4a_3x3": "strokes and simple textures",
    "Mixed_5b": "textures",
    "Mixed_5c": "textures",
    "Mixed_5d": "textures and ornaments",
    "Mixed_6a": "ornaments (mixed3 of TensorFlow's tutorial)",
    "Mixed_6b": "ornaments and eyes",
    "Mixed_6c": "eyes and faces (mixed5 of TensorFlow's tutorial)",
    "Mixed_6d": "parts of animals and things",
    "Mixed_6e": "parts of animals and things",
    "Mixed_7a": "things and parts of things",
    "Mixed_7b": "things, put together from many sides",
    "Mixed_7c": "things, put together from many sides",
    "head": "what Mixed_7c shows",
    "logits": _LOGITS,
}

_VGG_BLOCKS = {
    1: "edges and spots of colour",
    2: "strokes, corners and simple textures",
    3: "textures and patterns",
    4: "ornaments and parts of animals and things",
    5: "parts and whole things",
}

_RESNET = {
    "stem": "edges and spots of colour",
    "layer1": "strokes and simple textures",
    "layer2": "textures and ornaments",
    "layer3": "parts of animals and things",
    "layer4": "things, put together from many sides",
    "head": "what layer4 shows",
    "logits": _LOGITS,
}


def _vgg(*sizes: int) -> dict[str, str]:
    places = [(block, place) for block, size in enumerate(sizes, 1) for place in range(1, size + 1)]
    return {
        **{f"conv{block}_{place}": _VGG_BLOCKS[block] for block, place in places},
        "logits": f"{_LOGITS}, asked of the whole picture at once",
    }


ABOUT = {
    "lite2": _LITE,
    "lite0": _LITE,
    "googlenet": _GOOGLENET,
    "inception_v3": _INCEPTION,
    "vgg16": _vgg(2, 2, 3, 3, 3),
    "vgg19": _vgg(2, 2, 4, 4, 4),
    "resnet50": _RESNET,
}
