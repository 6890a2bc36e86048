"""Face detectors side by side: the cascade of AdaBoost, YuNet and MTCNN."""
